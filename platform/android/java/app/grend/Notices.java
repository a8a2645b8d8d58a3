package app.grend;

import android.app.Notification;
import android.app.NotificationManager;
import android.app.PendingIntent;
import android.app.RemoteInput;
import android.content.Context;
import android.content.Intent;
import android.os.Build;
import android.os.Handler;
import android.os.Looper;

/**
 * Notices: one at a time, replaced by the next. One waits for a moment before it shows: what is read on another device in
 * that moment makes no sound here.
 */
final class Notices {
    private static final int NEWS = 2;
    private static final long GRACE = 1500;
    static final String MESSAGES = "messages";
    private static final String RUNNING = "running";
    /** PendingIntent.FLAG_MUTABLE, since API 31: the system fills in what was typed. */
    private static final int MUTABLE = 0x02000000;

    private final Context context;
    private final NotificationManager manager;
    private final Handler main = new Handler(Looper.getMainLooper());
    /** What is shown or about to be: the same once more makes no second sound. */
    private String last;

    Notices(Context context) {
        this.context = context;
        manager = (NotificationManager) context.getSystemService(Context.NOTIFICATION_SERVICE);
        // NotificationManager.IMPORTANCE_HIGH and IMPORTANCE_MIN.
        channel(manager, MESSAGES, context.getString(R.string.messages), 4);
        channel(manager, RUNNING, context.getString(R.string.running), 1);
    }

    synchronized void show(boolean shown, final String title, final String text, final long chat) {
        String now = shown ? chat + "\n" + title + "\n" + text : null;
        if (now == null ? last == null : now.equals(last)) {
            return;
        }
        last = now;
        main.removeCallbacksAndMessages(null);
        if (!shown) {
            manager.cancel(NEWS);
            return;
        }
        main.postDelayed(new Runnable() {
            @Override
            public void run() {
                manager.notify(NEWS, news(title, text, chat));
            }
        }, GRACE);
    }

    private Notification news(String title, String text, long chat) {
        Notification.Builder builder = builder(context, MESSAGES)
                .setContentTitle(title)
                .setContentText(text)
                .setStyle(new Notification.BigTextStyle().bigText(text))
                .setCategory(Notification.CATEGORY_MESSAGE)
                .setVisibility(Notification.VISIBILITY_PRIVATE)
                .setAutoCancel(true)
                .setContentIntent(window(context, chat));
        if (Build.VERSION.SDK_INT < 26) {
            builder.setDefaults(Notification.DEFAULT_ALL).setPriority(Notification.PRIORITY_HIGH);
        }
        if (chat != 0) {
            String reply = context.getString(R.string.reply);
            builder.addAction(new Notification.Action.Builder(R.drawable.notice, reply, answer(Answer.REPLY, chat))
                    .addRemoteInput(new RemoteInput.Builder(Answer.TEXT).setLabel(reply).build())
                    .build());
            String read = context.getString(R.string.read);
            builder.addAction(
                    new Notification.Action.Builder(R.drawable.notice, read, answer(Answer.READ, chat)).build());
        }
        return builder.build();
    }

    private PendingIntent answer(String action, long chat) {
        Intent intent = new Intent(context, Answer.class).setAction(action).putExtra(MainActivity.CHAT, chat);
        boolean filled = Answer.REPLY.equals(action);
        int flags = PendingIntent.FLAG_UPDATE_CURRENT | (filled ? MUTABLE : PendingIntent.FLAG_IMMUTABLE);
        return PendingIntent.getBroadcast(context, 0, intent, flags);
    }

    /** The notice that the system wants to see while Grend is connected without a window. */
    static Notification running(Context context) {
        return builder(context, RUNNING)
                .setContentTitle(context.getString(R.string.running))
                .setPriority(Notification.PRIORITY_MIN)
                .setShowWhen(false)
                .setContentIntent(window(context, 0))
                .build();
    }

    private static PendingIntent window(Context context, long chat) {
        Intent intent = new Intent(context, MainActivity.class)
                .addFlags(Intent.FLAG_ACTIVITY_NEW_TASK | Intent.FLAG_ACTIVITY_SINGLE_TOP)
                .putExtra(MainActivity.CHAT, chat);
        int flags = PendingIntent.FLAG_UPDATE_CURRENT | PendingIntent.FLAG_IMMUTABLE;
        return PendingIntent.getActivity(context, chat == 0 ? 0 : 1, intent, flags);
    }

    private static Notification.Builder builder(Context context, String channel) {
        Notification.Builder builder = new Notification.Builder(context).setSmallIcon(R.drawable.notice);
        if (Build.VERSION.SDK_INT >= 26) {
            try {
                Notification.Builder.class.getMethod("setChannelId", String.class).invoke(builder, channel);
            } catch (ReflectiveOperationException error) {
                throw new IllegalStateException(error);
            }
        }
        return builder;
    }

    /** Channels came with API 26; the classes this is compiled against are older. */
    private static void channel(NotificationManager manager, String id, String name, int importance) {
        if (Build.VERSION.SDK_INT < 26) {
            return;
        }
        try {
            Class<?> type = Class.forName("android.app.NotificationChannel");
            Object channel = type.getConstructor(String.class, CharSequence.class, int.class)
                    .newInstance(id, name, importance);
            NotificationManager.class.getMethod("createNotificationChannel", type).invoke(manager, channel);
        } catch (ReflectiveOperationException error) {
            throw new IllegalStateException(error);
        }
    }
}
