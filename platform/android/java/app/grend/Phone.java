package app.grend;

/** What Rust asks of the phone: src/java/call.rs. Called on Rust's threads. */
interface Phone {
    /** Shows the keyboard for a field, or hides it. */
    void keyboard(boolean shown, boolean secret, boolean manyLines);

    /** What the keyboard believes to stand around the cursor is not true any more. */
    void forget();

    void copy(String text);

    /** Null if there is no text. */
    String paste();

    /** Offers what can be done with selected text. */
    void offer();

    /** Offers a text to other programs. */
    void share(String text);

    boolean hasCamera();

    /** Looks for a code with the camera: see Native.frame. */
    void scan();

    /** Lets the user choose a picture: see Native.picture. */
    void choosePicture();

    /** There is nothing to go back to. */
    void leave();

    /** Opens a web page. */
    void open(String link);

    /** Shows what is new, or takes it away. The chat is 0 if there are several. */
    void notice(boolean shown, String title, String text, long chat);

    /** What may hold Grend back: see Battery. */
    int limits();

    /** Leads to where that is changed. */
    void lift(int limit);

    /** Encrypts with a key that stays in the phone. Null if it cannot. */
    byte[] seal(byte[] plain);

    /** Decrypts what was sealed. Null if it cannot. */
    byte[] unseal(byte[] sealed);
}
