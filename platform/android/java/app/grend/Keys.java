package app.grend;

import android.os.Bundle;
import android.text.TextUtils;
import android.view.KeyEvent;
import android.view.inputmethod.BaseInputConnection;
import android.view.inputmethod.CompletionInfo;
import android.view.inputmethod.CorrectionInfo;
import android.view.inputmethod.ExtractedText;
import android.view.inputmethod.ExtractedTextRequest;

/** The keyboard on the screen. What it does is handed on, what it asks is answered by Rust: src/shell/typing.rs. */
final class Keys extends BaseInputConnection {
    static final int COMMIT = 0;
    static final int COMPOSE = 1;
    static final int RECOMPOSE = 2;
    static final int FINISH = 3;
    static final int DELETE = 4;
    static final int GO = 5;

    private final Screen screen;

    Keys(Screen screen) {
        super(screen, false);
        this.screen = screen;
    }

    private boolean edit(int what, CharSequence text, int first, int second) {
        screen.place(Native.edit(what, text == null ? null : text.toString(), first, second));
        return true;
    }

    @Override
    public boolean commitText(CharSequence text, int cursor) {
        return edit(COMMIT, text, 0, 0);
    }

    @Override
    public boolean setComposingText(CharSequence text, int cursor) {
        return edit(COMPOSE, text, 0, 0);
    }

    @Override
    public boolean setComposingRegion(int start, int end) {
        return edit(RECOMPOSE, null, start, end);
    }

    @Override
    public boolean finishComposingText() {
        return edit(FINISH, null, 0, 0);
    }

    @Override
    public boolean deleteSurroundingText(int before, int after) {
        return edit(DELETE, null, before, after);
    }

    /** Since API 24. Whole signs go in any case. */
    public boolean deleteSurroundingTextInCodePoints(int before, int after) {
        String text = Native.around(true, before * 2);
        String next = Native.around(false, after * 2);
        int start = text.length();
        for (int each = 0; each < before && start > 0; each++) {
            start = text.offsetByCodePoints(start, -1);
        }
        int end = 0;
        for (int each = 0; each < after && end < next.length(); each++) {
            end = next.offsetByCodePoints(end, 1);
        }
        int units = text.isEmpty() ? before : text.length() - start;
        return edit(DELETE, null, units, end);
    }

    @Override
    public boolean setSelection(int start, int end) {
        return edit(GO, null, end, 0);
    }

    @Override
    public CharSequence getTextBeforeCursor(int most, int flags) {
        return Native.around(true, most);
    }

    @Override
    public CharSequence getTextAfterCursor(int most, int flags) {
        return Native.around(false, most);
    }

    @Override
    public CharSequence getSelectedText(int flags) {
        return null;
    }

    @Override
    public int getCursorCapsMode(int modes) {
        String before = Native.around(true, 100);
        return TextUtils.getCapsMode(before, before.length(), modes);
    }

    @Override
    public ExtractedText getExtractedText(ExtractedTextRequest request, int flags) {
        return null;
    }

    @Override
    public boolean performEditorAction(int action) {
        return edit(COMMIT, "\n", 0, 0);
    }

    @Override
    public boolean performContextMenuAction(int id) {
        int letter = id == android.R.id.copy ? 'c'
                : id == android.R.id.paste ? 'v'
                : id == android.R.id.cut ? 'x'
                : id == android.R.id.selectAll ? 'a' : 0;
        Native.command(letter);
        return letter != 0;
    }

    @Override
    public boolean sendKeyEvent(KeyEvent event) {
        boolean down = event.getAction() == KeyEvent.ACTION_DOWN;
        // A keyboard on the screen plays these two keys where it sees no text.
        if (event.getKeyCode() == KeyEvent.KEYCODE_DEL) {
            return !down || edit(DELETE, null, 1, 0);
        }
        if (event.getKeyCode() == KeyEvent.KEYCODE_ENTER) {
            return !down || edit(COMMIT, "\n", 0, 0);
        }
        return super.sendKeyEvent(event);
    }

    @Override
    public boolean commitCompletion(CompletionInfo completion) {
        return false;
    }

    @Override
    public boolean commitCorrection(CorrectionInfo correction) {
        // It only tells what commitText did or will do.
        return true;
    }

    @Override
    public boolean performPrivateCommand(String action, Bundle data) {
        return false;
    }
}
