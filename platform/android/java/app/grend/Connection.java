package app.grend;

import android.app.Notification;
import android.app.Service;
import android.content.Context;
import android.content.Intent;
import android.content.SharedPreferences;
import android.os.Build;
import android.os.IBinder;

/** Keeps the process, and with it the connection, while no window is open. */
public final class Connection extends Service {
    private static final int NOTICE = 1;
    /** ServiceInfo.FOREGROUND_SERVICE_TYPE_REMOTE_MESSAGING, since API 34. */
    private static final int REMOTE_MESSAGING = 0x200;

    private static final String WANTED = "wanted";

    private static SharedPreferences kept(Context context) {
        return context.getSharedPreferences("connection", Context.MODE_PRIVATE);
    }

    /** Whether to stay connected while nobody looks. Kept, for the phone's start and for the system that starts it again. */
    static void want(Context context, boolean on) {
        kept(context).edit().putBoolean(WANTED, on).apply();
        if (on) {
            start(context);
        } else {
            context.stopService(new Intent(context, Connection.class));
        }
    }

    /** Starts it if it is wanted, unless the system does not allow that now: then the next window starts it. */
    static void start(Context context) {
        if (!kept(context).getBoolean(WANTED, false)) {
            return;
        }
        Intent intent = new Intent(context, Connection.class);
        try {
            if (Build.VERSION.SDK_INT >= 26) {
                Context.class.getMethod("startForegroundService", Intent.class).invoke(context, intent);
            } else {
                context.startService(intent);
            }
        } catch (ReflectiveOperationException | IllegalStateException error) {
            android.util.Log.w("Grend", "not kept in the background", error);
        }
    }

    @Override
    public int onStartCommand(Intent intent, int flags, int id) {
        Notification notice = Notices.running(this);
        try {
            if (Build.VERSION.SDK_INT >= 34) {
                Service.class
                        .getMethod("startForeground", int.class, Notification.class, int.class)
                        .invoke(this, NOTICE, notice, REMOTE_MESSAGING);
            } else {
                startForeground(NOTICE, notice);
            }
        } catch (ReflectiveOperationException | IllegalStateException error) {
            android.util.Log.w("Grend", "not kept in the background", error);
            stopSelf();
        }
        if (!kept(this).getBoolean(WANTED, false)) {
            // The system wants to have seen the notice all the same.
            stopSelf();
            return START_NOT_STICKY;
        }
        return START_STICKY;
    }

    @Override
    public IBinder onBind(Intent intent) {
        return null;
    }
}
