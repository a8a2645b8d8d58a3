package app.grend;

import android.content.ContentResolver;
import android.content.Intent;
import android.graphics.Bitmap;
import android.graphics.BitmapFactory;
import android.net.Uri;
import android.util.Log;
import java.io.IOException;
import java.io.InputStream;

/** Pictures that the user chooses: in them Rust looks for a code. */
final class Pictures {
    private Pictures() {}

    /** The window of the system in which one is chosen. */
    static Intent choose() {
        return new Intent(Intent.ACTION_OPEN_DOCUMENT).addCategory(Intent.CATEGORY_OPENABLE).setType("image/*");
    }

    /** Opens one and hands it to Rust, on a thread of its own. */
    static void look(final ContentResolver resolver, final Uri place) {
        new Thread("picture") {
            @Override
            public void run() {
                Bitmap picture = null;
                try {
                    picture = open(resolver, place);
                } catch (IOException | RuntimeException | OutOfMemoryError error) {
                    Log.w("Grend", "no picture", error);
                }
                if (picture == null) {
                    Native.picture(null, 0, 0);
                    return;
                }
                int width = picture.getWidth();
                int height = picture.getHeight();
                int[] colours = new int[width * height];
                picture.getPixels(colours, 0, width, 0, 0, width, height);
                picture.recycle();
                Native.picture(Frames.brightness(colours), width, height);
            }
        }.start();
    }

    /** Smaller, if it is large: how large is looked at first, and that costs nothing. */
    private static Bitmap open(ContentResolver resolver, Uri place) throws IOException {
        BitmapFactory.Options options = new BitmapFactory.Options();
        options.inJustDecodeBounds = true;
        decode(resolver, place, options);
        if (options.outWidth <= 0 || options.outHeight <= 0) {
            return null;
        }
        options.inJustDecodeBounds = false;
        options.inSampleSize = Frames.shrink(options.outWidth, options.outHeight);
        return decode(resolver, place, options);
    }

    private static Bitmap decode(ContentResolver resolver, Uri place, BitmapFactory.Options options) throws IOException {
        try (InputStream bytes = resolver.openInputStream(place)) {
            return BitmapFactory.decodeStream(bytes, null, options);
        }
    }
}
