package app.grend;

import android.app.Activity;
import android.content.ActivityNotFoundException;
import android.content.Context;
import android.content.res.Configuration;
import android.graphics.Rect;
import android.text.InputType;
import android.view.ActionMode;
import android.view.KeyEvent;
import android.view.Menu;
import android.view.MenuItem;
import android.view.MotionEvent;
import android.view.SurfaceHolder;
import android.view.SurfaceView;
import android.view.View;
import android.view.WindowInsets;
import android.view.inputmethod.EditorInfo;
import android.view.inputmethod.InputConnection;
import android.view.inputmethod.InputMethodManager;

/** The view: a surface that Rust draws on, with fingers, keys and a keyboard. */
final class Screen extends SurfaceView implements SurfaceHolder.Callback {
    private final Activity activity;
    private final InputMethodManager keyboards;
    /** A field has the cursor. */
    private boolean field;
    private boolean secret;
    private boolean manyLines;
    private WindowInsets covered;
    private float lastX;
    private float lastY;

    Screen(Activity activity) {
        super(activity);
        this.activity = activity;
        keyboards = (InputMethodManager) activity.getSystemService(Context.INPUT_METHOD_SERVICE);
        setFocusable(true);
        setFocusableInTouchMode(true);
        getHolder().addCallback(this);
    }

    @Override
    public void surfaceCreated(SurfaceHolder holder) {
        // Its size comes with surfaceChanged.
    }

    @Override
    public void surfaceChanged(SurfaceHolder holder, int format, int width, int height) {
        tellLook();
        Native.surface(holder.getSurface(), width, height);
    }

    @Override
    public void surfaceDestroyed(SurfaceHolder holder) {
        Native.surface(null, 0, 0);
    }

    @Override
    public WindowInsets onApplyWindowInsets(WindowInsets insets) {
        covered = insets;
        tellLook();
        return insets;
    }

    @Override
    protected void onConfigurationChanged(Configuration now) {
        super.onConfigurationChanged(now);
        tellLook();
    }

    void tellLook() {
        Configuration now = getResources().getConfiguration();
        boolean dark = (now.uiMode & Configuration.UI_MODE_NIGHT_MASK) == Configuration.UI_MODE_NIGHT_YES;
        float density = getResources().getDisplayMetrics().density;
        if (covered == null) {
            Native.look(density, now.fontScale, dark, 0, 0, 0, 0);
            return;
        }
        Native.look(
                density,
                now.fontScale,
                dark,
                covered.getSystemWindowInsetLeft(),
                covered.getSystemWindowInsetTop(),
                covered.getSystemWindowInsetRight(),
                covered.getSystemWindowInsetBottom());
    }

    @Override
    public boolean onTouchEvent(MotionEvent event) {
        int index = event.getActionIndex();
        lastX = event.getX(index);
        lastY = event.getY(index);
        switch (event.getActionMasked()) {
            case MotionEvent.ACTION_DOWN:
            case MotionEvent.ACTION_POINTER_DOWN:
                Native.finger(event.getPointerId(index), 0, lastX, lastY);
                return true;
            case MotionEvent.ACTION_MOVE:
                for (int each = 0; each < event.getPointerCount(); each++) {
                    Native.finger(event.getPointerId(each), 1, event.getX(each), event.getY(each));
                }
                return true;
            case MotionEvent.ACTION_UP:
            case MotionEvent.ACTION_POINTER_UP:
                Native.finger(event.getPointerId(index), 2, lastX, lastY);
                return true;
            case MotionEvent.ACTION_CANCEL:
                for (int each = 0; each < event.getPointerCount(); each++) {
                    Native.finger(event.getPointerId(each), 3, event.getX(each), event.getY(each));
                }
                return true;
            default:
                return false;
        }
    }

    @Override
    public boolean onKeyDown(int code, KeyEvent event) {
        return code != KeyEvent.KEYCODE_BACK
                        && Native.key(code, event.getUnicodeChar(), event.getMetaState(), true)
                || super.onKeyDown(code, event);
    }

    @Override
    public boolean onKeyUp(int code, KeyEvent event) {
        return code != KeyEvent.KEYCODE_BACK
                        && Native.key(code, event.getUnicodeChar(), event.getMetaState(), false)
                || super.onKeyUp(code, event);
    }

    void keyboard(boolean shown, boolean nowSecret, boolean nowManyLines) {
        boolean other = shown != field || nowSecret != secret || nowManyLines != manyLines;
        field = shown;
        secret = nowSecret;
        manyLines = nowManyLines;
        if (other) {
            keyboards.restartInput(this);
        }
        if (shown) {
            requestFocus();
            keyboards.showSoftInput(this, 0);
        } else {
            keyboards.hideSoftInputFromWindow(getWindowToken(), 0);
        }
    }

    void forget() {
        keyboards.restartInput(this);
    }

    /** Tells the keyboard where the cursor is. */
    void place(int[] place) {
        if (place != null) {
            keyboards.updateSelection(this, place[0], place[0], place[1], place[2]);
        }
    }


    @Override
    public boolean onCheckIsTextEditor() {
        return field;
    }

    @Override
    public InputConnection onCreateInputConnection(EditorInfo info) {
        if (!field) {
            return null;
        }
        info.inputType = InputType.TYPE_CLASS_TEXT;
        info.imeOptions = EditorInfo.IME_FLAG_NO_FULLSCREEN | EditorInfo.IME_FLAG_NO_EXTRACT_UI;
        if (secret) {
            info.inputType |= InputType.TYPE_TEXT_VARIATION_PASSWORD | InputType.TYPE_TEXT_FLAG_NO_SUGGESTIONS;
            // IME_FLAG_NO_PERSONALIZED_LEARNING, since API 26: older keyboards do not look at it.
            info.imeOptions |= EditorInfo.IME_ACTION_GO | 0x1000000;
        } else if (manyLines) {
            info.inputType |= InputType.TYPE_TEXT_FLAG_MULTI_LINE
                    | InputType.TYPE_TEXT_FLAG_CAP_SENTENCES
                    | InputType.TYPE_TEXT_FLAG_AUTO_CORRECT;
        } else {
            info.imeOptions |= EditorInfo.IME_ACTION_NEXT;
        }
        int cursor = Native.edit(Keys.FINISH, null, 0, 0)[0];
        info.initialSelStart = cursor;
        info.initialSelEnd = cursor;
        return new Keys(this);
    }

    /** What can be done with selected text. */
    void offer() {
        performHapticFeedback(android.view.HapticFeedbackConstants.LONG_PRESS);
        startActionMode(new Offer(), ActionMode.TYPE_FLOATING);
    }

    void choosePicture() {
        try {
            activity.startActivityForResult(Pictures.choose(), MainActivity.PICTURE);
        } catch (ActivityNotFoundException error) {
            Native.picture(null, 0, 0);
        }
    }

    void leave() {
        activity.moveTaskToBack(true);
    }

    private final class Offer extends ActionMode.Callback2 {
        @Override
        public boolean onCreateActionMode(ActionMode mode, Menu menu) {
            menu.add(0, 'c', 0, android.R.string.copy);
            menu.add(0, 'a', 1, android.R.string.selectAll);
            menu.add(0, 's', 2, R.string.share);
            if (field) {
                menu.add(0, 'x', 3, android.R.string.cut);
                menu.add(0, 'v', 4, android.R.string.paste);
            }
            return true;
        }

        @Override
        public boolean onPrepareActionMode(ActionMode mode, Menu menu) {
            return false;
        }

        @Override
        public boolean onActionItemClicked(ActionMode mode, MenuItem item) {
            if (item.getItemId() == 's') {
                Native.share();
            } else {
                Native.command(item.getItemId());
            }
            if (item.getItemId() != 'a') {
                mode.finish();
            }
            return true;
        }

        @Override
        public void onDestroyActionMode(ActionMode mode) {}

        @Override
        public void onGetContentRect(ActionMode mode, View view, Rect rect) {
            rect.set((int) lastX - 1, (int) lastY - 40, (int) lastX + 1, (int) lastY + 40);
        }
    }
}
