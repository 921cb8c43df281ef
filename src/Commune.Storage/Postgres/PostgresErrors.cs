using Npgsql;

namespace Commune.Storage.Postgres;

/// <summary>What an error of the server or of the connection says about the transaction it ended.</summary>
internal static class PostgresErrors
{
    /// <summary>How often a transaction is begun anew before its error is given to the caller.</summary>
    public const int Attempts = 4;

    public static bool IsConflict(Exception error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.SerializationFailure or PostgresErrorCodes.DeadlockDetected };

    /// <summary>The connection broke, or could not be made: nothing is known of what was under way in it.</summary>
    public static bool IsConnectionFailure(Exception error) =>
        error is PostgresException { SqlState: PostgresErrorCodes.AdminShutdown or PostgresErrorCodes.CrashShutdown or PostgresErrorCodes.CannotConnectNow }
        || error is NpgsqlException and not PostgresException
        || error is IOException or ObjectDisposedException;

    /// <summary>
    /// True when the transaction is known not to have been committed and may succeed when run again. A connection that breaks while
    /// COMMIT is under way leaves the outcome unknown: that one is never run again here.
    /// </summary>
    public static bool MayRetry(Exception error, bool committing) => IsConflict(error) || (!committing && IsConnectionFailure(error));

    public static bool IsUniqueViolation(PostgresException error) => error.SqlState == PostgresErrorCodes.UniqueViolation;
}
