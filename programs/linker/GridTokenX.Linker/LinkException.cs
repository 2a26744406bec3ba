namespace GridTokenX.Linker;

/// <summary>Why an object does not become a program; the message names the section or symbol.</summary>
public sealed class LinkException(string message) : Exception(message);
