package build.kiln.builder.layer;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/// Writes tars that no honest program writes.
final class TarMaker {

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /// A header with these fields, a right checksum, and content.
    TarMaker entry(char type, String name, String link, byte[] content) {
        return entry(header(type, name, link, String.format("%011o", content.length)), content);
    }

    TarMaker entry(char type, String name, String link) {
        return entry(type, name, link, new byte[0]);
    }

    TarMaker file(String name, String content) {
        return entry('0', name, "", content.getBytes(StandardCharsets.UTF_8));
    }

    TarMaker entry(byte[] header, byte[] content) {
        bytes.writeBytes(checksummed(header));
        bytes.writeBytes(content);
        bytes.writeBytes(new byte[(512 - content.length % 512) % 512]);
        return this;
    }

    TarMaker pax(String... records) {
        StringBuilder text = new StringBuilder();
        for (String record : records) {
            int length = record.length() + 4;
            length += Integer.toString(length).length() - 2;
            text.append(length).append(' ').append(record).append('\n');
        }
        return entry('x', "pax", "", text.toString().getBytes(StandardCharsets.ISO_8859_1));
    }

    static byte[] header(char type, String name, String link, String size) {
        byte[] header = new byte[512];
        put(header, 0, name);
        put(header, 100, "0000644");
        put(header, 108, "0000000");
        put(header, 116, "0000000");
        put(header, 124, size);
        put(header, 136, "00000000001");
        header[156] = (byte) type;
        put(header, 157, link);
        put(header, 257, "ustar\00000");
        return header;
    }

    static void put(byte[] header, int at, String text) {
        byte[] raw = text.getBytes(StandardCharsets.ISO_8859_1);
        System.arraycopy(raw, 0, header, at, raw.length);
    }

    static byte[] checksummed(byte[] header) {
        Arrays.fill(header, 148, 156, (byte) ' ');
        int sum = 0;
        for (byte b : header) {
            sum += b & 0xff;
        }
        put(header, 148, String.format("%06o\0", sum));
        return header;
    }

    byte[] end() {
        bytes.writeBytes(new byte[1024]);
        return bytes.toByteArray();
    }

    byte[] cutOff() {
        return bytes.toByteArray();
    }
}
