package app.grend;

import android.app.PendingIntent;
import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;
import android.content.SharedPreferences;
import android.content.pm.ResolveInfo;
import android.net.Uri;
import android.os.Build;
import android.os.Bundle;
import android.os.PowerManager;
import java.util.List;
import java.util.UUID;

/** UnifiedPush: a distributor on the phone wakes Grend. Specification AND_3.0.0 of unifiedpush.org. */
public final class Push extends BroadcastReceiver {
    private static final String DISTRIBUTOR = "org.unifiedpush.android.distributor.";
    private static final String CONNECTOR = "org.unifiedpush.android.connector.";
    private static final String TOKEN = "token";
    private static final String CHOSEN = "distributor";
    /** A broadcast may take 10 s where the phone is in use. */
    private static final int SECONDS = 9;

    private static SharedPreferences kept(Context context) {
        return context.getSharedPreferences("push", Context.MODE_PRIVATE);
    }

    /** A distributor is on the phone: the one that links of this kind open with, or the first. Null if there is none. */
    private static String distributor(Context context) {
        List<ResolveInfo> all = context.getPackageManager()
                .queryBroadcastReceivers(new Intent(DISTRIBUTOR + "REGISTER"), 0);
        ResolveInfo preferred = context.getPackageManager()
                .resolveActivity(new Intent(Intent.ACTION_VIEW, Uri.parse("unifiedpush://link")), 0);
        String first = null;
        for (ResolveInfo one : all) {
            String name = one.activityInfo.packageName;
            if (preferred != null && name.equals(preferred.activityInfo.packageName)) {
                return name;
            }
            first = first == null ? name : first;
        }
        return first;
    }

    static boolean isThere(Context context) {
        return distributor(context) != null;
    }

    static boolean isOn(Context context) {
        return kept(context).contains(TOKEN);
    }

    /** Asks to be woken, or not any more. The same token once more, as after each start, tells the same endpoint once more. */
    static void let(Context context, boolean on) {
        SharedPreferences kept = kept(context);
        String token = kept.getString(TOKEN, null);
        String distributor = kept.getString(CHOSEN, null);
        if (!on) {
            kept.edit().clear().apply();
            if (token != null) {
                say(context, distributor, "UNREGISTER", token);
            }
            return;
        }
        if (token == null || distributor == null) {
            token = UUID.randomUUID().toString();
            distributor = distributor(context);
            if (distributor == null) {
                return;
            }
            kept.edit().putString(TOKEN, token).putString(CHOSEN, distributor).apply();
        }
        say(context, distributor, "REGISTER", token);
    }

    private static void say(Context context, String distributor, String what, String token) {
        Intent intent = new Intent(DISTRIBUTOR + what).setPackage(distributor).putExtra(TOKEN, token);
        if (Build.VERSION.SDK_INT < 34) {
            Intent nobody = new Intent().setPackage("org.unifiedpush.dummy_app");
            intent.putExtra("pi", PendingIntent.getBroadcast(context, 0, nobody, PendingIntent.FLAG_IMMUTABLE));
            context.sendBroadcast(intent);
            return;
        }
        try {
            // BroadcastOptions, newer than the classes this is compiled against: who we are goes along.
            Class<?> type = Class.forName("android.app.BroadcastOptions");
            Object options = type.getMethod("makeBasic").invoke(null);
            type.getMethod("setShareIdentityEnabled", boolean.class).invoke(options, true);
            Object bundle = type.getMethod("toBundle").invoke(options);
            Context.class
                    .getMethod("sendBroadcast", Intent.class, String.class, Bundle.class)
                    .invoke(context, intent, null, bundle);
        } catch (ReflectiveOperationException error) {
            android.util.Log.w("Grend", "the distributor was not asked", error);
        }
    }

    @Override
    public void onReceive(Context context, Intent intent) {
        SharedPreferences kept = kept(context);
        String token = kept.getString(TOKEN, null);
        if (intent.getAction() == null || !Token.isOurs(token, intent.getStringExtra(TOKEN))) {
            return;
        }
        String distributor = kept.getString(CHOSEN, null);
        String id = Token.id(intent.getStringExtra("id"));
        if (id != null) {
            context.sendBroadcast(new Intent(DISTRIBUTOR + "MESSAGE_ACK")
                    .setPackage(distributor)
                    .putExtra(TOKEN, token)
                    .putExtra("id", id));
        }
        switch (intent.getAction()) {
            case CONNECTOR + "MESSAGE":
                wake(context, goAsync());
                break;
            case CONNECTOR + "NEW_ENDPOINT":
                String endpoint = Token.endpoint(intent.getStringExtra("endpoint"));
                if (endpoint != null) {
                    Native.endpoint(endpoint);
                }
                break;
            case CONNECTOR + "REGISTRATION_FAILED":
            case CONNECTOR + "UNREGISTERED":
                // The next registration wants another token.
                kept.edit().clear().apply();
                Native.endpoint(null);
                break;
            default:
        }
    }

    /** Fetches what came, and keeps the phone awake for that long. */
    static void wake(Context context, final PendingResult done) {
        PowerManager power = (PowerManager) context.getSystemService(Context.POWER_SERVICE);
        final PowerManager.WakeLock awake = power.newWakeLock(PowerManager.PARTIAL_WAKE_LOCK, "grend:push");
        awake.acquire((SECONDS + 1) * 1000L);
        new Thread() {
            @Override
            public void run() {
                Native.woken(SECONDS);
                if (awake.isHeld()) {
                    awake.release();
                }
                done.finish();
            }
        }.start();
    }
}
