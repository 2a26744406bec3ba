using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace GridTokenX.EdgeGateway.Outbox;

/// <summary>
/// What the gateway remembers of itself. Read anew each time, because the command line writes there as well; what was
/// read last stands while the disk cannot be used.
/// </summary>
internal sealed class Settings(GatewayDatabase database)
{
    private readonly ConcurrentDictionary<string, string> _last = new(StringComparer.Ordinal);

    internal string? Get(string name)
    {
        try
        {
            var value = database.Read(db => (string?)db.Command(
                "select value from setting where name = $name", ("$name", name)).ExecuteScalar());
            if (value is null)
            {
                _ = _last.TryRemove(name, out _);
            }
            else
            {
                _last[name] = value;
            }

            return value;
        }
        catch (SqliteException)
        {
            return _last.GetValueOrDefault(name);
        }
    }

    /// <exception cref="SqliteException">Nothing was changed.</exception>
    internal void Set(params IReadOnlyList<(string Name, string? Value)> values)
    {
        database.Write(db =>
        {
            foreach (var (name, value) in values)
            {
                _ = value is null
                    ? db.Command("delete from setting where name = $name", ("$name", name)).ExecuteNonQuery()
                    : db.Command(
                        "insert or replace into setting (name, value) values ($name, $value)",
                        ("$name", name),
                        ("$value", value)).ExecuteNonQuery();
            }
        });
    }
}
