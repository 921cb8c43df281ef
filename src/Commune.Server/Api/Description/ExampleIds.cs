namespace Commune.Server.Api.Description;

/// <summary>The ids that stand in examples. Tests put real ones in their place and make the calls.</summary>
public static class ExampleIds
{
    public const string Domain = "d_9sK2mPq7Xc4VbN1zRt8wYe";
    public const string Inbox = "i_7Qk2hT5mWx9LdR3vNc6pZa";
    public const string Thread = "conv_Zx1rB8kQ4nVt7wMc2yHs";
    public const string Message = "msg_4fQ9dLk2XwTz7bRm1vNc";
    public const string Attachment = "att_3cW8yPn5KdQx2vTm9rLb";
    public const string Delivery = "wdel_6hJ3xRw9MzKt4cVn8pQd";
    public const string Webhook = "wh_2vK8mQx4RtW9nLc6dZb3";
    public const string Key = "key_5tN7bXq2WvRk9mLc4dHz";
    public const string Suppression = "sup_5dR1kWm8QxTn3vZc7bLp";
    public const string Request = "req_8hT4vBq6NxWk2mRz9cLd";
    public const string Agent = "agt_0f1e2d3c4b5a69788796a5b4c3d2e1f0";
    public const string Organisation = "org_2mX7kQv4WnRt9cLb5zHd";
    public const string Event = "evt_0000000007d7d2rgwy09myyg5x";
    public const string ConfirmationToken = "5e7c1d0a9b8f4c3e2d1a0b9c8f7e6d5c4b3a2f1e0d9c8b7a6f5e4d3c2b1a0f9e";
    public const string Download = "AAAAAGmvGyBvcmdfMm1YN2tRdjRXblJ0OWNMYjV6SGQvYXR0XzNjVzh5UG41S2RReDJ2VG05ckxi";

    /// <summary>The example of a parameter in a path.</summary>
    public static string OfPath(string parameter) => parameter switch
    {
        "domainId" => Domain,
        "inboxId" => Inbox,
        "threadId" => Thread,
        "messageId" => Message,
        "attachmentId" => Attachment,
        "deliveryId" => Delivery,
        "webhookId" => Webhook,
        "keyId" => Key,
        "suppressionId" => Suppression,
        "requestId" => Request,
        "agentId" => Agent,
        "token" => Download,
        _ => parameter,
    };
}
