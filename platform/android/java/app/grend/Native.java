package app.grend;

/** What Rust does: src/java/natives.rs. Everything may be called from any thread and returns at once, unless it says otherwise. */
final class Native {
    static {
        System.loadLibrary("grend");
    }

    private Native() {}

    /** Opens the folder and starts the shell. Once for a process. The context is the application's. */
    static native void start(Phone phone, Object context, String folder, String locale);

    /** Where to draw. Null takes it away, and returns when nobody draws any more. */
    static native void surface(Object surface, int width, int height);

    /** Density, size of text, dark or light, and what bars and keyboard cover on each side, in pixels. */
    static native void look(
            float density, float fontScale, boolean dark, int left, int top, int right, int bottom);

    static native void watched(boolean watched);

    /** 0 down, 1 moved, 2 up, 3 taken away; in pixels. */
    static native void finger(int id, int phase, float x, float y);

    /** False if the key is not ours. */
    static native boolean key(int code, int types, int held, boolean down);

    /** Ctrl and a letter. */
    static native void command(int letter);

    static native void back();

    /** What the keyboard did: see Keys. Answers the cursor, and the beginning and end of what is composed, or -1. */
    static native int[] edit(int what, String text, int first, int second);

    /** What stands before the cursor, or behind it. */
    static native String around(boolean before, int most);

    /** The phone is on another network, or on one again. */
    static native void network();

    /**
     * A push message or the phone's start woke the process. Returns when what is new is here and what was written has left,
     * or after so many seconds; whether it is.
     */
    static native boolean woken(int seconds);

    /** Where a push service reaches this phone; null: nowhere any more. */
    static native void endpoint(String endpoint);

    /** A notice was pressed: this chat is wanted. */
    static native void show(long chat);

    /** An xmpp: link is to be followed, from whoever made it. */
    static native void link(String link);

    /** Another program hands over a text: Grend asks to whom it is to be sent. */
    static native void shared(String text);

    /** A frame of the camera, or what is bright in it: that many bytes come first. True if there was a code in it. */
    static native boolean frame(byte[] brightness, int width, int height);

    /** The picture that the user chose. Null if it cannot be opened. */
    static native void picture(byte[] brightness, int width, int height);

    /** There is no camera, or it may not be used. */
    static native void noCamera();

    /** What is selected is to be given to another program: see Phone.share. */
    static native void share();

    /** An answer was typed into a notice. Returns when it is written down, or shown again. */
    static native void reply(long chat, String text);

    /** A chat was read in a notice. Returns when that is written down. */
    static native void read(long chat);
}
