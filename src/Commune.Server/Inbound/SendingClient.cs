using System.Net;

namespace Commune.Server.Inbound;

/// <summary>Who hands a message over: what the connection and the envelope say.</summary>
/// <param name="ReversePath">Without brackets; empty for a bounce.</param>
internal sealed record SendingClient(IPAddress Address, string HeloName, string ReversePath);
