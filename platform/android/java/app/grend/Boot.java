package app.grend;

import android.content.BroadcastReceiver;
import android.content.Context;
import android.content.Intent;

/** The phone was started, or Grend was replaced by a newer one: connect. The process itself did the rest by starting. */
public final class Boot extends BroadcastReceiver {
    @Override
    public void onReceive(Context context, Intent intent) {
        String action = intent.getAction();
        if (Intent.ACTION_BOOT_COMPLETED.equals(action) || Intent.ACTION_MY_PACKAGE_REPLACED.equals(action)) {
            if (Push.isOn(context)) {
                Push.wake(context, goAsync());
            }
            Connection.start(context);
        }
    }
}
