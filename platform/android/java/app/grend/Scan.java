package app.grend;

import android.app.Activity;
import android.content.pm.PackageManager;
import android.graphics.Color;
import android.graphics.ImageFormat;
import android.hardware.Camera;
import android.os.Bundle;
import android.os.Handler;
import android.os.HandlerThread;
import android.util.Log;
import android.view.Gravity;
import android.view.SurfaceHolder;
import android.view.SurfaceView;
import android.view.WindowManager;
import android.widget.FrameLayout;
import android.widget.TextView;
import java.io.IOException;
import java.util.List;

/**
 * Looks for a code with the camera, and shows what it sees. Every frame goes to Rust, which says when it has found one. The old
 * class of the camera: it works on every phone, and one that is newer would take five times as much code for the same.
 */
@SuppressWarnings("deprecation")
public final class Scan extends Activity implements SurfaceHolder.Callback, Camera.PreviewCallback {
    private static final String CAMERA = "android.permission.CAMERA";

    private HandlerThread thread;
    private Handler handler;
    /** Of that thread. */
    private Camera camera;
    private int width;
    private int height;

    @Override
    protected void onCreate(Bundle saved) {
        super.onCreate(saved);
        getWindow().addFlags(WindowManager.LayoutParams.FLAG_KEEP_SCREEN_ON);
        thread = new HandlerThread("camera");
        thread.start();
        handler = new Handler(thread.getLooper());
        if (checkSelfPermission(CAMERA) == PackageManager.PERMISSION_GRANTED) {
            look();
        } else if (saved == null) {
            requestPermissions(new String[] {CAMERA}, 1);
        }
    }

    @Override
    public void onRequestPermissionsResult(int request, String[] permissions, int[] results) {
        if (results.length > 0 && results[0] == PackageManager.PERMISSION_GRANTED) {
            look();
        } else {
            Native.noCamera();
            finish();
        }
    }

    private void look() {
        SurfaceView view = new SurfaceView(this);
        view.getHolder().addCallback(this);
        TextView hint = new TextView(this);
        hint.setText(R.string.scan);
        hint.setTextSize(20);
        hint.setTextColor(Color.WHITE);
        hint.setBackgroundColor(Color.BLACK);
        hint.setPadding(40, 40, 40, 40);
        FrameLayout all = new FrameLayout(this);
        all.setFitsSystemWindows(true);
        all.addView(view);
        int wide = FrameLayout.LayoutParams.MATCH_PARENT;
        int high = FrameLayout.LayoutParams.WRAP_CONTENT;
        all.addView(hint, new FrameLayout.LayoutParams(wide, high, Gravity.BOTTOM));
        setContentView(all);
    }

    /** From any thread. */
    private void leave() {
        runOnUiThread(new Runnable() {
            @Override
            public void run() {
                finish();
            }
        });
    }

    @Override
    public void surfaceCreated(SurfaceHolder holder) {
        // Its size comes with surfaceChanged.
    }

    @Override
    public void surfaceChanged(final SurfaceHolder holder, int format, int width, int height) {
        handler.post(new Runnable() {
            @Override
            public void run() {
                close();
                open(holder);
            }
        });
    }

    @Override
    public void surfaceDestroyed(SurfaceHolder holder) {
        handler.post(new Runnable() {
            @Override
            public void run() {
                close();
            }
        });
    }

    private void open(SurfaceHolder holder) {
        try {
            Camera.CameraInfo info = new Camera.CameraInfo();
            int chosen = 0;
            for (int each = Camera.getNumberOfCameras() - 1; each >= 0; each--) {
                Camera.getCameraInfo(each, info);
                if (info.facing == Camera.CameraInfo.CAMERA_FACING_BACK) {
                    chosen = each;
                }
            }
            camera = Camera.open(chosen);
            Camera.getCameraInfo(chosen, info);
            camera.setParameters(asWanted(camera.getParameters()));
            camera.setDisplayOrientation(Frames.turn(
                    info.orientation,
                    getWindowManager().getDefaultDisplay().getRotation(),
                    info.facing == Camera.CameraInfo.CAMERA_FACING_FRONT));
            Camera.Size size = camera.getParameters().getPreviewSize();
            width = size.width;
            height = size.height;
            camera.setPreviewDisplay(holder);
            camera.addCallbackBuffer(new byte[width * height * ImageFormat.getBitsPerPixel(ImageFormat.NV21) / 8]);
            camera.setPreviewCallbackWithBuffer(this);
            camera.startPreview();
        } catch (IOException | RuntimeException error) {
            Log.w("Grend", "no camera", error);
            close();
            Native.noCamera();
            leave();
        }
    }

    private static Camera.Parameters asWanted(Camera.Parameters now) {
        List<Camera.Size> sizes = now.getSupportedPreviewSizes();
        int[] pixels = new int[sizes.size()];
        for (int each = 0; each < pixels.length; each++) {
            pixels[each] = sizes.get(each).width * sizes.get(each).height;
        }
        Camera.Size size = sizes.get(Frames.nearest(pixels));
        now.setPreviewSize(size.width, size.height);
        now.setPreviewFormat(ImageFormat.NV21);
        if (now.getSupportedFocusModes().contains(Camera.Parameters.FOCUS_MODE_CONTINUOUS_PICTURE)) {
            now.setFocusMode(Camera.Parameters.FOCUS_MODE_CONTINUOUS_PICTURE);
        }
        return now;
    }

    private void close() {
        if (camera != null) {
            camera.setPreviewCallbackWithBuffer(null);
            camera.stopPreview();
            camera.release();
            camera = null;
        }
    }

    /** On the camera's thread. What is bright comes first in a frame, then the colours, which nobody needs. */
    @Override
    public void onPreviewFrame(byte[] frame, Camera from) {
        if (from != camera) {
            return;
        }
        if (Native.frame(frame, width, height)) {
            close();
            leave();
        } else {
            camera.addCallbackBuffer(frame);
        }
    }

    @Override
    protected void onDestroy() {
        thread.quitSafely();
        super.onDestroy();
    }
}
