using System.Net;

namespace GridTokenX.EdgeGateway.Forwarding;

/// <summary>A request to the cloud did not get the answer it must have: nothing may be concluded from it.</summary>
public sealed class CloudException : Exception
{
    public CloudException(string message, HttpStatusCode status, TimeSpan? retryAfter)
        : base(message)
    {
        Status = status;
        RetryAfter = retryAfter;
    }

    public CloudException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public CloudException()
    {
    }

    public CloudException(string message)
        : base(message)
    {
    }

    public HttpStatusCode? Status { get; }

    /// <summary>The cloud's own wish.</summary>
    public TimeSpan? RetryAfter { get; }
}
