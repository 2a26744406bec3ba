namespace GridTokenX.EdgeGateway.Page;

/// <summary>The pages of somebody who has not shown the PIN: they tell nothing about the home.</summary>
internal static class EntryViews
{
    internal static string SignIn(Texts texts, string? faultKey)
    {
        var html = new Html(texts);
        Begin(html, "signIn", faultKey);
        return html.Markup("<form method=\"post\" action=\"/sign-in\"><label for=\"pin\">").Text(html["pin"])
            .Markup("</label><input id=\"pin\" name=\"pin\" type=\"password\" inputmode=\"numeric\" ")
            .Markup("autocomplete=\"current-password\" maxlength=\"12\" required autofocus>")
            .Element("button", "plain", html["signIn"])
            .Markup("</form><p><a href=\"/claim\">").Text(html["forgotten"]).Markup("</a></p></section>")
            .Whole();
    }

    internal static string Claim(Texts texts, string? faultKey)
    {
        var html = new Html(texts);
        Begin(html, "claim", faultKey);
        return html.Markup("<p>").Text(html["claimHow"]).Markup("</p><p class=\"hint\">").Text(html["claimElse"])
            .Markup("</p><form method=\"post\" action=\"/claim\"><label for=\"code\">").Text(html["code"])
            .Markup("</label><input id=\"code\" name=\"code\" autocomplete=\"one-time-code\" ")
            .Markup("autocapitalize=\"characters\" spellcheck=\"false\" maxlength=\"24\" required autofocus>")
            .Markup("<label for=\"pin\">").Text(html["newPin"])
            .Markup("</label><input id=\"pin\" name=\"pin\" type=\"password\" inputmode=\"numeric\" ")
            .Markup("autocomplete=\"new-password\" minlength=\"6\" maxlength=\"12\" required>")
            .Element("button", "plain", html["claim"]).Markup("</form></section>")
            .Whole();
    }

    /// <summary>Shown until the cloud has answered.</summary>
    internal static string Asking(Texts texts)
    {
        var html = new Html(texts);
        Begin(html, "claim", null);
        return html.Markup("<p class=\"wait\" role=\"status\">").Text(html["asking"]).Markup("</p><p>")
            .Text(html["askingLong"]).Markup("</p></section>").Whole(refreshSeconds: 2);
    }

    private static void Begin(Html html, string titleKey, string? faultKey)
    {
        _ = html.Markup("<section class=\"small\"><h2>").Text(html[titleKey]).Markup("</h2>");
        if (faultKey is not null)
        {
            _ = html.Markup("<p class=\"bad\" role=\"alert\">").Text(html[faultKey]).Markup("</p>");
        }
    }
}
