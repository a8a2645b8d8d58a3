package app.grend;

import android.app.NotificationManager;
import android.content.ActivityNotFoundException;
import android.content.Context;
import android.content.Intent;
import android.net.ConnectivityManager;
import android.net.Uri;
import android.os.Build;
import android.os.PowerManager;
import android.provider.Settings;

/** What of the phone may hold Grend back while nobody looks, and the ways to where that is changed. */
final class Battery {
    /** ConnectivityManager.RESTRICT_BACKGROUND_STATUS_ENABLED, since API 24. */
    private static final int RESTRICTED = 3;

    private Battery() {}

    /**
     * Two bits for each of: notices off, background restricted, battery optimised, data saver, metered network, power saving.
     * 0 is not known, 1 no, 2 yes.
     */
    static int limits(Context context) {
        PowerManager power = (PowerManager) context.getSystemService(Context.POWER_SERVICE);
        ConnectivityManager networks = (ConnectivityManager) context.getSystemService(Context.CONNECTIVITY_SERVICE);
        int[] all = {
            notices(context),
            Build.VERSION.SDK_INT < 28
                    ? 0
                    : known(true, ask(context.getSystemService(Context.ACTIVITY_SERVICE), "isBackgroundRestricted")),
            yes(!power.isIgnoringBatteryOptimizations(context.getPackageName())),
            known(RESTRICTED, ask(networks, "getRestrictBackgroundStatus")),
            yes(networks.isActiveNetworkMetered()),
            yes(power.isPowerSaveMode()),
        };
        int limits = 0;
        for (int at = 0; at < all.length; at++) {
            limits |= all[at] << (2 * at);
        }
        return limits;
    }

    /** Off as a whole, or only those about messages. */
    private static int notices(Context context) {
        Object manager = context.getSystemService(Context.NOTIFICATION_SERVICE);
        int off = known(false, ask(manager, "areNotificationsEnabled"));
        if (off == 2 || Build.VERSION.SDK_INT < 26) {
            return off;
        }
        try {
            Object channel = NotificationManager.class
                    .getMethod("getNotificationChannel", String.class)
                    .invoke(manager, Notices.MESSAGES);
            return channel == null ? off : known(0, ask(channel, "getImportance"));
        } catch (ReflectiveOperationException error) {
            return off;
        }
    }

    /** Newer than the classes this is compiled against: null where the phone does not know the question. */
    private static Object ask(Object whom, String question) {
        try {
            return whom.getClass().getMethod(question).invoke(whom);
        } catch (ReflectiveOperationException error) {
            return null;
        }
    }

    private static int known(Object bad, Object answer) {
        return answer == null ? 0 : yes(bad.equals(answer));
    }

    private static int yes(boolean held) {
        return held ? 2 : 1;
    }

    /** Opens the page of the phone's settings where this is changed, or the one about Grend: the numbers are Rust's. */
    static void lift(Context context, int limit) {
        Uri grend = Uri.fromParts("package", context.getPackageName(), null);
        Intent about = new Intent(Settings.ACTION_APPLICATION_DETAILS_SETTINGS, grend);
        Intent[] ways = {
            new Intent("android.settings.APP_NOTIFICATION_SETTINGS")
                    .putExtra("android.provider.extra.APP_PACKAGE", context.getPackageName()),
            about,
            new Intent(Settings.ACTION_REQUEST_IGNORE_BATTERY_OPTIMIZATIONS, grend),
            new Intent("android.settings.IGNORE_BACKGROUND_DATA_RESTRICTIONS_SETTINGS", grend),
            new Intent(Settings.ACTION_BATTERY_SAVER_SETTINGS),
        };
        if (limit >= 0 && limit < ways.length && !open(context, ways[limit])) {
            open(context, about);
        }
    }

    private static boolean open(Context context, Intent way) {
        try {
            context.startActivity(way.addFlags(Intent.FLAG_ACTIVITY_NEW_TASK));
            return true;
        } catch (ActivityNotFoundException | SecurityException error) {
            android.util.Log.w("Grend", "no such page of settings", error);
            return false;
        }
    }
}
