using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace GridTokenX.EdgeGateway.Page;

/// <summary>Writes a page; text is encoded unless it is markup of this program.</summary>
internal sealed class Html(Texts texts)
{
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);
    private readonly StringBuilder _page = new();

    internal string this[string key] => texts[key];

    internal Html Markup(string markup)
    {
        _ = _page.Append(markup);
        return this;
    }

    internal Html Text(string? text)
    {
        _ = _page.Append(Encoder.Encode(text ?? string.Empty));
        return this;
    }

    /// <summary>An element with a class and a text.</summary>
    internal Html Element(string name, string kind, string? text) =>
        Markup($"<{name} class=\"{kind}\">").Text(text).Markup($"</{name}>");

    /// <summary>The start of a form that this page takes back.</summary>
    internal Html Form(string action, string token, string kind = "plain") =>
        Markup($"<form method=\"post\" action=\"{action}\" class=\"{kind}\">").Hidden("token", token);

    internal Html Hidden(string name, string value) =>
        Markup($"<input type=\"hidden\" name=\"{name}\" value=\"").Text(value).Markup("\">");

    /// <summary>A name and what it is; good or bad shows as a colour.</summary>
    internal Html Fact(string key, string? value, bool? isGood = null)
    {
        var kind = isGood switch
        {
            true => "good",
            false => "bad",
            null => "plain",
        };
        return Markup("<dt>").Text(texts[key]).Markup("</dt>").Element("dd", kind, value);
    }

    /// <param name="refreshSeconds">How often the page looks again; 0 for never.</param>
    internal string Whole(int refreshSeconds = 0) =>
        $"""
        <!doctype html>
        <html lang="{texts.Code}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{Encoder.Encode(texts["title"])}</title>
        <link rel="icon" href="data:,">
        <link rel="stylesheet" href="/page.css">
        {(refreshSeconds > 0 ? "<script src=\"/page.js\" defer></script>" : string.Empty)}
        </head>
        <body data-refresh="{refreshSeconds}">
        <header><h1><a href="/">{Encoder.Encode(texts["title"])}</a></h1>
        <nav><a href="/language/en" lang="en">English</a> <a href="/language/th" lang="th">ไทย</a></nav></header>
        <main>{_page}</main>
        </body>
        </html>
        """;
}
