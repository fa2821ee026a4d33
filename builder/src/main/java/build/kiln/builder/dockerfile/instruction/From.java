package build.kiln.builder.dockerfile.instruction;

import build.kiln.builder.dockerfile.parser.Origin;

/// The FROM that begins a stage. All words unexpanded; empty where nothing was written.
///
/// @param base image, earlier stage or `scratch`
/// @param platform value of `--platform`
/// @param as the word `AS` in the user's own upper and lower case
/// @param name the stage's name in the user's own upper and lower case
public record From(Origin origin, String base, String platform, String as, String name) {}
