package app.grend;

import android.app.Service;
import android.content.Intent;
import android.os.Binder;
import android.os.IBinder;

/** A distributor binds to this for some seconds while it sends a push message: the phone lets Grend work meanwhile. */
public final class Raised extends Service {
    @Override
    public IBinder onBind(Intent intent) {
        return new Binder();
    }
}
