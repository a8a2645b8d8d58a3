package app.grend;

import android.app.Activity;
import android.content.Intent;
import android.os.Build;
import android.os.Bundle;
import android.view.View;
import android.view.WindowManager;

/** The window. It is destroyed and made again as the system likes; what is in it lives in the process. */
public final class MainActivity extends Activity {
    static final String CHAT = "chat";
    static final int PICTURE = 2;

    private Screen screen;

    @Override
    protected void onCreate(Bundle saved) {
        super.onCreate(saved);
        getWindow().setSoftInputMode(WindowManager.LayoutParams.SOFT_INPUT_ADJUST_RESIZE);
        screen = new Screen(this);
        screen.setSystemUiVisibility(View.SYSTEM_UI_FLAG_LAYOUT_STABLE
                | View.SYSTEM_UI_FLAG_LAYOUT_FULLSCREEN
                | View.SYSTEM_UI_FLAG_LAYOUT_HIDE_NAVIGATION);
        setContentView(screen);
        screen.requestFocus();
        ((App) getApplication()).setScreen(screen);
        if (Build.VERSION.SDK_INT >= 33) {
            requestPermissions(new String[] {"android.permission.POST_NOTIFICATIONS"}, 1);
        }
        // Made again, it has the intent of the first time: that was followed then.
        if (saved == null) {
            follow(getIntent());
        }
    }

    @Override
    protected void onNewIntent(Intent intent) {
        super.onNewIntent(intent);
        follow(intent);
    }

    /** A notice was pressed, a link is to be followed, or another program hands over a text. */
    private static void follow(Intent intent) {
        if (intent == null || (intent.getFlags() & Intent.FLAG_ACTIVITY_LAUNCHED_FROM_HISTORY) != 0) {
            return;
        }
        try {
            long chat = intent.getLongExtra(CHAT, 0);
            CharSequence text = intent.getCharSequenceExtra(Intent.EXTRA_TEXT);
            if (chat != 0) {
                Native.show(chat);
            } else if (Intent.ACTION_VIEW.equals(intent.getAction()) && intent.getDataString() != null) {
                Native.link(intent.getDataString());
            } else if (Intent.ACTION_SEND.equals(intent.getAction()) && text != null) {
                Native.shared(text.toString());
            }
        } catch (RuntimeException error) {
            // Whatever another program packed into it.
            android.util.Log.w("Grend", "an intent is not understood", error);
        }
    }

    @Override
    protected void onResume() {
        super.onResume();
        screen.tellLook();
        Native.watched(true);
        // Where the phone did not allow it in the background, now it does.
        Connection.start(this);
    }

    @Override
    protected void onPause() {
        Native.watched(false);
        super.onPause();
    }

    @Override
    protected void onActivityResult(int request, int result, Intent data) {
        if (request == PICTURE && result == RESULT_OK && data != null && data.getData() != null) {
            Pictures.look(getContentResolver(), data.getData());
        }
    }

    @Override
    protected void onDestroy() {
        ((App) getApplication()).removeScreen(screen);
        super.onDestroy();
    }

    @Override
    public void onBackPressed() {
        Native.back();
    }
}
