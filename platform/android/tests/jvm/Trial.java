package app.grend;

import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A phone without Android: it shows pixels to itself, presses and types, and hears what Rust asks for. */
final class Trial implements Phone {
    private static final int WIDTH = 540;
    private static final int HEIGHT = 960;

    private final BlockingQueue<String> heard = new LinkedBlockingQueue<>();

    public static void main(String[] arguments) throws Exception {
        frames();
        Trial trial = new Trial();
        Native.start(trial, new Object(), arguments[0], "nb_NO");
        // Nobody looks yet: what could not be sent is told, and a chat that a notice leads to is waited for.
        Native.reply(7, " på vei ");
        trial.expect("notice Svaret ditt ble ikke sendt: på vei 7");
        Native.read(7);
        Native.show(7);
        same("true", "" + Native.woken(5));
        Native.look(1.5f, 1f, false, 0, 36, 0, 0);
        Native.watched(true);
        ByteBuffer glass = ByteBuffer.allocateDirect(WIDTH * HEIGHT * 4);
        Native.surface(glass, WIDTH, HEIGHT);
        waitForInk(glass);

        // Welcome: the one button leads to the form, which asks for the keyboard.
        String keyboard = null;
        for (int y = 300; keyboard == null && y < HEIGHT; y += 40) {
            Native.finger(0, 0, WIDTH / 2, y);
            Native.finger(0, 2, WIDTH / 2, y);
            keyboard = trial.heard.poll(300, TimeUnit.MILLISECONDS);
        }
        same("keyboard true false false", keyboard);

        same("[2, 0, 2]", java.util.Arrays.toString(Native.edit(1, "kå", 0, 0)));
        String text = "kåri😀@familien.example";
        same("[" + text.length() + ", -1, -1]", java.util.Arrays.toString(Native.edit(0, text, 0, 0)));
        same(text, Native.around(true, 100));
        same("", Native.around(false, 100));
        Native.command('a');
        Native.command('c');
        trial.expect("copy " + text);
        // Backspace is a key of ours, the volume is not.
        same("true false", Native.key(67, 0, 0, true) + " " + Native.key(24, 0, 0, true));
        Native.command('v');
        trial.expect("paste");
        Native.command('a');
        Native.command('c');
        trial.expect("copy 👩‍👩‍👧 fra utklippstavlen");

        // What is selected goes to another program, and not to the clipboard.
        Native.share();
        trial.expect("share 👩‍👩‍👧 fra utklippstavlen");
        // Nobody is signed in: these wait, and break nothing.
        Native.link("xmpp:kåri@familien.example?message");
        Native.shared("👩‍👩‍👧 fra et annet program");

        // A code in a frame of the camera, with the colours behind it; garbage; numbers that do not fit.
        byte[] seen = java.nio.file.Files.readAllBytes(java.nio.file.Paths.get(arguments[1]));
        int side = (int) Math.sqrt(seen.length);
        byte[] frame = java.util.Arrays.copyOf(seen, seen.length * 3 / 2);
        same("true true", Native.frame(seen, side, side) + " " + Native.frame(frame, side, side));
        same("false false", Native.frame(new byte[side * side], side, side) + " " + Native.frame(seen, side, side + 1));
        same("false false", Native.frame(seen, -1, Integer.MIN_VALUE) + " " + Native.frame(null, 1, 1));
        Native.picture(seen, side, side);
        Native.picture(null, 0, 0);
        Native.noCamera();

        // The window goes and comes: nobody draws on the old one.
        Native.surface(null, 0, 0);
        byte[] before = bytes(glass);
        Native.edit(0, "!", 0, 0);
        Native.network();
        Native.surface(null, 0, 0);
        same("true", "" + java.util.Arrays.equals(before, bytes(glass)));
        ByteBuffer turned = ByteBuffer.allocateDirect(WIDTH * HEIGHT * 4);
        Native.surface(turned, HEIGHT, WIDTH);
        waitForInk(turned);
        Native.surface(null, 0, 0);
        Native.back();
        Native.back();
        trial.expect("leave");
        System.out.println("The trial is over.");
        Runtime.getRuntime().halt(0);
    }

    /** What Java computes itself. */
    private static void frames() {
        same("1", "" + Frames.nearest(new int[] {320 * 240, 1280 * 720, 1920 * 1080}));
        same("0", "" + Frames.nearest(new int[] {176 * 144}));
        // Built in as in most phones, seen upright and on both sides; the front one is a mirror.
        same("90 0 180", Frames.turn(90, 0, false) + " " + Frames.turn(90, 1, false) + " " + Frames.turn(90, 3, false));
        same("90 0", Frames.turn(270, 0, true) + " " + Frames.turn(270, 1, true));
        same("1 1 2 8", Frames.shrink(1, 1) + " " + Frames.shrink(2400, 9) + " " + Frames.shrink(9, 2401) + " "
                + Frames.shrink(12000, 19200));
        int[] colours = {0xff000000, 0xffffffff, 0xffff0000, 0x00000000, 0x80000000};
        same("[0, -1, 85, -1, 127]", java.util.Arrays.toString(Frames.brightness(colours)));
    }

    private static byte[] bytes(ByteBuffer glass) {
        byte[] bytes = new byte[glass.capacity()];
        glass.duplicate().get(bytes);
        return bytes;
    }

    /** Waits until there is dark on light. */
    private static void waitForInk(ByteBuffer glass) throws Exception {
        for (int look = 0; look < 600; look++) {
            boolean light = false;
            boolean dark = false;
            for (int at = 0; at < glass.capacity(); at += 4) {
                int red = glass.get(at) & 0xff;
                light |= red > 200;
                dark |= red < 60 && glass.get(at + 3) != 0;
            }
            if (light && dark) {
                return;
            }
            Thread.sleep(100);
        }
        fail("nothing was drawn");
    }

    /** Passes over what else is asked for until this is. */
    private void expect(String wanted) throws Exception {
        String last = "nothing";
        for (String next = heard.poll(30, TimeUnit.SECONDS); next != null; next = heard.poll(30, TimeUnit.SECONDS)) {
            if (next.equals(wanted)) {
                return;
            }
            last = next;
        }
        fail("wanted " + wanted + ", heard " + last);
    }

    private static void same(String wanted, String found) {
        if (!wanted.equals(found)) {
            fail("wanted " + wanted + ", found " + found);
        }
    }

    private static void fail(String why) {
        System.out.println(why);
        Runtime.getRuntime().halt(1);
    }

    @Override
    public void keyboard(boolean shown, boolean secret, boolean manyLines) {
        heard.add("keyboard " + shown + " " + secret + " " + manyLines);
    }

    @Override
    public void forget() {
        // So often that it says nothing.
    }

    @Override
    public void copy(String text) {
        heard.add("copy " + text);
    }

    @Override
    public String paste() {
        heard.add("paste");
        return "👩‍👩‍👧 fra utklippstavlen";
    }

    @Override
    public void offer() {
        heard.add("offer");
    }

    @Override
    public void share(String text) {
        heard.add("share " + text);
    }

    @Override
    public boolean hasCamera() {
        return true;
    }

    @Override
    public void scan() {
        heard.add("scan");
    }

    @Override
    public void choosePicture() {
        heard.add("choosePicture");
    }

    @Override
    public void leave() {
        heard.add("leave");
    }

    @Override
    public void open(String link) {
        heard.add("open " + link);
    }

    @Override
    public void notice(boolean shown, String title, String text, long chat) {
        if (shown) {
            heard.add("notice " + title + ": " + text + " " + chat);
        }
    }

    @Override
    public int limits() {
        // Every one is there; all hold back but power saving.
        return 0x6aa;
    }

    @Override
    public void lift(int limit) {
        heard.add("lift " + limit);
    }

    @Override
    public byte[] seal(byte[] plain) {
        return plain;
    }

    @Override
    public byte[] unseal(byte[] sealed) {
        return sealed;
    }
}
