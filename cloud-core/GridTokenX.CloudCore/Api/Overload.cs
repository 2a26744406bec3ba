namespace GridTokenX.CloudCore.Api;

/// <summary>There is more to do than may wait: answered with overloaded, and nothing has been done.</summary>
public sealed class OverloadedException(string message) : Exception(message);
