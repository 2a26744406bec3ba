using System.Globalization;
using System.Text;

namespace GridTokenX.Community.Reports;

/// <summary>One self-contained HTML page: style and script are inside, nothing is fetched.</summary>
internal sealed class Page
{
    private readonly StringBuilder _html = new();

    public Page(string title)
    {
        _html.Append(CultureInfo.InvariantCulture, $"""
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>{Html.Escape(title)}</title>
            <style>
            {Resource("page.css")}</style></head>
            <body><main>
            <h1>{Html.Escape(title)}</h1>

            """);
    }

    public Page Lead(string text) => Add($"<p class=\"lead\">{Html.Escape(text)}</p>\n");

    public Page Warning(string text) => Add($"<p class=\"warn\">{Html.Escape(text)}</p>\n");

    public Page Section(string title) => Add($"<h2>{Html.Escape(title)}</h2>\n");

    public Page Note(string text) => Add($"<p class=\"note\">{Html.Escape(text)}</p>\n");

    public Page Code(string text) => Add($"<pre>{Html.Escape(text)}</pre>\n");

    public Page Tiles(IEnumerable<(string Value, string Name)> tiles)
    {
        _html.Append("<div class=\"tiles\">\n");
        foreach (var (value, name) in tiles)
        {
            Add($"<div class=\"tile\"><b>{Html.Escape(value)}</b><span>{Html.Escape(name)}</span></div>\n");
        }

        return Add("</div>\n");
    }

    public Page Plots(IEnumerable<string> plots)
    {
        _html.Append("<div class=\"plots\">\n").AppendJoin(string.Empty, plots);
        return Add("</div>\n");
    }

    public Page Table(IReadOnlyList<string> header, IEnumerable<IReadOnlyList<string>> rows)
    {
        _html.Append("<div class=\"scroll\"><table><tr>");
        foreach (var name in header)
        {
            Add($"<th>{Html.Escape(name)}</th>");
        }

        _html.Append("</tr>\n");
        foreach (var row in rows)
        {
            _html.Append("<tr>");
            foreach (var cell in row)
            {
                Add($"<td>{Html.Escape(cell)}</td>");
            }

            _html.Append("</tr>\n");
        }

        return Add("</table></div>\n");
    }

    public string End() => _html
        .Append("</main><script>\n").Append(Resource("page.js")).Append("</script></body></html>\n").ToString();

    private Page Add(string html)
    {
        _html.Append(html);
        return this;
    }

    private static string Resource(string name)
    {
        using var stream = typeof(Page).Assembly.GetManifestResourceStream(name)
            ?? throw new InvalidOperationException($"{name} is not in the program.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
