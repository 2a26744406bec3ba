using GridTokenX.Community.Profiles;

namespace GridTokenX.Community.Scenarios;

/// <summary>A group's files of measured power.</summary>
internal sealed class ProfileFields(ScenarioCheck check)
{
    /// <param name="home">The group.</param>
    /// <returns>What is drawn, and what is generated: of a net meter both are of one file.</returns>
    public (ProfileFile? Load, ProfileFile? Pv) Of(Node home)
    {
        var load = home.Inner("load").OptionalInner("csv");
        var pv = home.OptionalInner("pv");
        var roof = pv?.OptionalInner("csv");
        if (roof is not null && roof.Flag("net"))
        {
            check.Say(roof.LineOf("net"), "homes.pv.csv.net", "belongs to load.csv, where it stands for the roof too");
        }

        if (load is null || !load.Flag("net"))
        {
            return (FileOf(load, CsvPart.All), FileOf(roof, CsvPart.All));
        }

        if (pv is not null)
        {
            check.Say(
                load.LineOf("net"), "homes.load.csv.net", "holds what the roof gives already; the group has a pv too");
        }

        return (FileOf(load, CsvPart.Drawn), FileOf(load, CsvPart.Given));
    }

    private ProfileFile? FileOf(Node? csv, CsvPart part)
    {
        if (csv is null)
        {
            return null;
        }

        var zone = csv.OptionalText("zone");
        if (zone is not null && !TimeZoneInfo.TryFindSystemTimeZoneById(zone, out _))
        {
            check.Say(csv.LineOf("zone"), "csv.zone", $"is '{zone}'; zones are called as Europe/Berlin is");
        }

        var file = new ProfileFile(csv.Text("file"), new CsvOptions(
            csv.OptionalText("column"), csv.OptionalText("unit"), csv.Number("scale"), csv.Flag("repeat"))
        {
            EachItsColumn = csv.Text("columns") == "each",
            Part = part,
            Empty = csv.Text("empty") switch
            {
                "zero" => EmptyCell.Zero,
                "previous" => EmptyCell.Previous,
                _ => EmptyCell.Refuse,
            },
            Decimal = csv.Text("decimal") switch
            {
                "point" => DecimalSign.Point,
                "comma" => DecimalSign.Comma,
                _ => DecimalSign.Either,
            },
            Zone = zone,
        });
        if (file is { IsFolder: true, Options.EachItsColumn: true })
        {
            check.Say(csv.LineOf("columns"), "csv.columns", "is for one file; of a folder each home takes a file");
        }

        return file;
    }
}
