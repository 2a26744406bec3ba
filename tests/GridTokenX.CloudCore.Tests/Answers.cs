using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Serialization.Metadata;
using GridTokenX.Protocol.Json;

namespace GridTokenX.CloudCore.Tests;

internal static class Answers
{
    internal static async Task ShouldBeProblemAsync(
        this Task<HttpResponseMessage> sending, HttpStatusCode status, string code)
    {
        using var response = await sending;
        var text = await response.Content.ReadAsStringAsync();
        response.StatusCode.ShouldBe(status, text);
        response.Content.Headers.ContentType?.MediaType.ShouldBe("application/problem+json");
        var problem = (await response.Content.ReadFromJsonAsync(ProtocolJson.Default.Problem))!;
        problem.Code.ShouldBe(code, text);
        problem.Status.ShouldBe((int)status);
    }

    internal static async Task<T> ShouldBeAsync<T>(
        this Task<HttpResponseMessage> sending, HttpStatusCode status, JsonTypeInfo<T> type)
    {
        using var response = await sending;
        response.StatusCode.ShouldBe(status, await response.Content.ReadAsStringAsync());
        return (await response.Content.ReadFromJsonAsync(type))!;
    }

    internal static async Task ShouldBeStatusAsync(this Task<HttpResponseMessage> sending, HttpStatusCode status)
    {
        using var response = await sending;
        response.StatusCode.ShouldBe(status, await response.Content.ReadAsStringAsync());
    }
}
