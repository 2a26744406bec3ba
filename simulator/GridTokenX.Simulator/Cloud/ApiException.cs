using System.Net;

namespace GridTokenX.Simulator.Cloud;

/// <summary>A part refused a request, or did not answer for longer than patience lasts.</summary>
public sealed class ApiException(string message, HttpStatusCode? status, string? code, Exception? inner = null)
    : Exception(message, inner)
{
    public HttpStatusCode? Status => status;

    /// <summary>The problem's stable code; null when there is none.</summary>
    public string? Code => code;
}
