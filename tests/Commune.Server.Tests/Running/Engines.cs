using Commune.Server.Tests.Running;

[assembly: AssemblyFixture(typeof(SqliteEngine))]
[assembly: AssemblyFixture(typeof(PostgresEngine))]
[assembly: CollectionBehavior(MaxParallelThreads = 2)]
[assembly: System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
