package app.grend;

import android.app.NotificationManager;
import android.app.RemoteInput;
import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.os.Bundle;

/** Somebody answered in a notice, or said that the chat was read. */
public final class Answer extends BroadcastReceiver {
    static final String REPLY = "app.grend.REPLY";
    static final String READ = "app.grend.READ";
    static final String TEXT = "text";

    @Override
    public void onReceive(Context context, Intent intent) {
        final long chat = intent.getLongExtra(MainActivity.CHAT, 0);
        Bundle typed = RemoteInput.getResultsFromIntent(intent);
        CharSequence text = typed == null ? null : typed.getCharSequence(TEXT);
        final String reply = REPLY.equals(intent.getAction()) && text != null ? text.toString() : null;
        final PendingResult done = goAsync();
        new Thread() {
            @Override
            public void run() {
                if (reply != null) {
                    Native.reply(chat, reply);
                } else {
                    Native.read(chat);
                }
                done.finish();
            }
        }.start();
        ((NotificationManager) context.getSystemService(Context.NOTIFICATION_SERVICE)).cancelAll();
        Connection.start(context);
    }
}
