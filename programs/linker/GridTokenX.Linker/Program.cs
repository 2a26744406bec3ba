using GridTokenX.Linker;

if (args is not [var input, var output])
{
    await Console.Error.WriteLineAsync("usage: GridTokenX.Linker OBJECT.o PROGRAM.so");
    return 2;
}

try
{
    var program = ProgramLinker.Link(await File.ReadAllBytesAsync(input));
    await File.WriteAllBytesAsync(output, program);
    return 0;
}
catch (Exception e) when (e is LinkException or IOException or UnauthorizedAccessException)
{
    await Console.Error.WriteLineAsync($"{input}: {e.Message}");
    return 1;
}
