package app.grend;

import android.app.Application;
import android.content.ClipData;
import android.content.ClipboardManager;
import android.content.Context;
import android.content.Intent;
import android.content.pm.PackageManager;
import android.net.ConnectivityManager;
import android.net.Network;
import android.net.NetworkCapabilities;
import android.net.NetworkRequest;
import android.net.Uri;
import android.os.Handler;
import android.os.Looper;
import java.util.Locale;

/** The process: it starts Rust, and hands on what Rust asks for. Screens come and go; this stays. */
public final class App extends Application implements Phone {
    private final Handler main = new Handler(Looper.getMainLooper());
    private final Safe safe = new Safe();
    private ClipboardManager clipboard;
    private Notices notices;
    /** Of the main thread. */
    private Screen screen;

    @Override
    public void onCreate() {
        super.onCreate();
        clipboard = (ClipboardManager) getSystemService(Context.CLIPBOARD_SERVICE);
        notices = new Notices(this);
        Native.start(this, this, getFilesDir().getPath(), Locale.getDefault().toString());
        watchNetwork();
    }

    private void watchNetwork() {
        ConnectivityManager networks = (ConnectivityManager) getSystemService(Context.CONNECTIVITY_SERVICE);
        NetworkRequest wanted = new NetworkRequest.Builder()
                .addCapability(NetworkCapabilities.NET_CAPABILITY_INTERNET)
                .build();
        networks.registerNetworkCallback(wanted, new ConnectivityManager.NetworkCallback() {
            @Override
            public void onAvailable(Network network) {
                Native.network();
            }

            @Override
            public void onLost(Network network) {
                Native.network();
            }
        });
    }

    /** The screen that is there now, or none. */
    void setScreen(Screen now) {
        screen = now;
    }

    /** The screen goes, unless another took its place already. */
    void removeScreen(Screen gone) {
        if (screen == gone) {
            screen = null;
        }
    }

    @Override
    public void keyboard(final boolean shown, final boolean secret, final boolean manyLines) {
        main.post(new Runnable() {
            @Override
            public void run() {
                if (screen != null) {
                    screen.keyboard(shown, secret, manyLines);
                }
            }
        });
    }

    @Override
    public void forget() {
        main.post(new Runnable() {
            @Override
            public void run() {
                if (screen != null) {
                    screen.forget();
                }
            }
        });
    }

    @Override
    public void copy(String text) {
        clipboard.setPrimaryClip(ClipData.newPlainText("Grend", text));
    }

    @Override
    public String paste() {
        ClipData data = clipboard.getPrimaryClip();
        if (data == null || data.getItemCount() == 0) {
            return null;
        }
        CharSequence text = data.getItemAt(0).coerceToText(this);
        return text == null ? null : text.toString();
    }

    @Override
    public void offer() {
        main.post(new Runnable() {
            @Override
            public void run() {
                if (screen != null) {
                    screen.offer();
                }
            }
        });
    }

    @Override
    public void share(String text) {
        Intent send = new Intent(Intent.ACTION_SEND).setType("text/plain").putExtra(Intent.EXTRA_TEXT, text);
        startActivity(Intent.createChooser(send, null).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK));
    }

    @Override
    public boolean hasCamera() {
        return getPackageManager().hasSystemFeature(PackageManager.FEATURE_CAMERA_ANY);
    }

    @Override
    public void scan() {
        startActivity(new Intent(this, Scan.class).addFlags(Intent.FLAG_ACTIVITY_NEW_TASK));
    }

    @Override
    public void choosePicture() {
        main.post(new Runnable() {
            @Override
            public void run() {
                if (screen != null) {
                    screen.choosePicture();
                }
            }
        });
    }

    @Override
    public void leave() {
        main.post(new Runnable() {
            @Override
            public void run() {
                if (screen != null) {
                    screen.leave();
                }
            }
        });
    }

    @Override
    public void open(String link) {
        Intent view = new Intent(Intent.ACTION_VIEW, Uri.parse(link));
        view.addFlags(Intent.FLAG_ACTIVITY_NEW_TASK);
        startActivity(view);
    }

    @Override
    public void notice(boolean shown, String title, String text, long chat) {
        notices.show(shown, title, text, chat);
    }

    @Override
    public int limits() {
        return Battery.limits(this);
    }

    @Override
    public void lift(int limit) {
        Battery.lift(this, limit);
    }

    @Override
    public byte[] seal(byte[] plain) {
        return safe.seal(plain);
    }

    @Override
    public byte[] unseal(byte[] sealed) {
        return safe.unseal(sealed);
    }
}
