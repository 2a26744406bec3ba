using System.Data;
using Dapper;
using GridTokenX.Protocol.Keys;
using GridTokenX.Protocol.Units;
using Npgsql;

namespace GridTokenX.CloudCore.Storage;

/// <summary>How our value types stand in PostgreSQL: keys as bytea, quantities as bigint.</summary>
public static class Database
{
    private const int MaxAttempts = 5;

    public static void RegisterTypes()
    {
        DefaultTypeMap.MatchNamesWithUnderscores = true;
        SqlMapper.AddTypeHandler(new KeyHandler());
        SqlMapper.AddTypeHandler(new QuantityHandler<WattHours>(static v => new(v), static q => q.Value));
        SqlMapper.AddTypeHandler(new QuantityHandler<MicroGrx>(static v => new(v), static q => q.Value));
        SqlMapper.AddTypeHandler(new QuantityHandler<PricePerKwh>(static v => new(v), static q => q.Value));
        SqlMapper.AddTypeHandler(new TimeHandler());
    }

    /// <summary>Opens a connection and begins a transaction; dispose both through the returned unit.</summary>
    public static async Task<UnitOfWork> BeginAsync(
        this NpgsqlDataSource source,
        CancellationToken cancellationToken,
        IsolationLevel isolation = IsolationLevel.ReadCommitted)
    {
        var connection = await source.OpenConnectionAsync(cancellationToken);
        try
        {
            return new UnitOfWork(connection, await connection.BeginTransactionAsync(isolation, cancellationToken));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>
    /// Runs the work in a transaction and commits it. When the transaction loses against another one (deadlock,
    /// serialization) the whole work is done again, at most five times: it must be free of effects outside the
    /// database.
    /// </summary>
    public static Task<T> TransactAsync<T>(
        this NpgsqlDataSource source,
        Func<UnitOfWork, Task<T>> work,
        CancellationToken cancellationToken,
        IsolationLevel isolation = IsolationLevel.ReadCommitted) =>
        AttemptAsync(source, work, static _ => true, isolation, cancellationToken);

    /// <summary>The same, but nothing of it is committed when the work comes to null.</summary>
    public static Task<T?> TryTransactAsync<T>(
        this NpgsqlDataSource source, Func<UnitOfWork, Task<T?>> work, CancellationToken cancellationToken)
        where T : class =>
        AttemptAsync(
            source, work, static result => result is not null, IsolationLevel.ReadCommitted, cancellationToken);

    private static async Task<T> AttemptAsync<T>(
        NpgsqlDataSource source,
        Func<UnitOfWork, Task<T>> work,
        Func<T, bool> isToBeKept,
        IsolationLevel isolation,
        CancellationToken cancellationToken)
    {
        var attempt = 0;
        while (true)
        {
            attempt++;
            await using var unit = await source.BeginAsync(cancellationToken, isolation);
            try
            {
                var result = await work(unit);
                if (isToBeKept(result))
                {
                    await unit.CommitAsync(cancellationToken);
                }

                return result;
            }
            catch (PostgresException exception) when (attempt < MaxAttempts && DatabaseFaults.MayBeRepeated(exception))
            {
                // The server has rolled it back; nothing of this attempt remains.
            }
        }
    }

    private sealed class KeyHandler : SqlMapper.TypeHandler<Key32>
    {
        public override Key32 Parse(object value) => new((byte[])value);

        public override void SetValue(IDbDataParameter parameter, Key32 value) => parameter.Value = value.ToArray();
    }

    private sealed class QuantityHandler<T>(Func<long, T> create, Func<T, long> read) : SqlMapper.TypeHandler<T>
        where T : struct
    {
        public override T Parse(object value) => create((long)value);

        public override void SetValue(IDbDataParameter parameter, T value) => parameter.Value = read(value);
    }

    private sealed class TimeHandler : SqlMapper.TypeHandler<DateTimeOffset>
    {
        public override DateTimeOffset Parse(object value) => new((DateTime)value, TimeSpan.Zero);

        public override void SetValue(IDbDataParameter parameter, DateTimeOffset value) =>
            parameter.Value = value.ToUniversalTime();
    }
}

/// <summary>An open connection with its transaction; what is not committed is rolled back on dispose.</summary>
public sealed class UnitOfWork(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
{
    private Action<bool>? _ended;
    private bool _isCommitted;

    public NpgsqlConnection Connection => connection;

    public NpgsqlTransaction Transaction => transaction;

    /// <summary>What may wait for the commit, and travels with it.</summary>
    internal PendingWrites Writes { get; } = new(transaction);

    /// <summary>
    /// Called once, when the transaction has ended: with true after its commit, with false when it was rolled back or
    /// nobody knows. Of several the last one first.
    /// </summary>
    internal void OnEnd(Action<bool> ended) => _ended = ended + _ended;

    /// <summary>With what is pending, in one trip to the server. The second time it does nothing.</summary>
    public async Task CommitAsync(CancellationToken cancellationToken)
    {
        if (_isCommitted)
        {
            return;
        }

        await (Writes.IsEmpty
            ? transaction.CommitAsync(cancellationToken)
            : Writes.FlushAndCommitAsync(cancellationToken));
        _isCommitted = true;
        End();
    }

    public async ValueTask DisposeAsync()
    {
        try
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
        finally
        {
            End();
        }
    }

    private void End()
    {
        var ended = _ended;
        _ended = null;
        ended?.Invoke(_isCommitted);
    }
}
