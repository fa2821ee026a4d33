package build.kiln.builder.dockerfile.parser;

/// Text that follows an instruction, up to a line that holds only the heredoc's name.
///
/// @param name the word after `<<`, without its quotes
/// @param fileDescriptor the number before `<<`; 0 if there is none
/// @param expand false if a part of the name was quoted: variables in the text then stay as they are
/// @param chomp true for `<<-`: tabs at the start of lines do not belong to the text
/// @param content the lines with their line ends, tabs still in place
public record Heredoc(String name, int fileDescriptor, boolean expand, boolean chomp, String content) {

    /// The text that is meant: without the tabs at the start of its lines if `<<-` was written.
    public String text() {
        return chomp ? content.replaceAll("(?dm)^\\t+", "") : content;
    }

    public Heredoc with(String newContent) {
        return new Heredoc(name, fileDescriptor, expand, chomp, newContent);
    }
}
