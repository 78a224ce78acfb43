from jeepney import MessageGenerator

message_bus: MessageGenerator
