PRAGMA user_version = 1;
BEGIN TRANSACTION;
CREATE TABLE ack (
	peer VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	incarnation INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	PRIMARY KEY (peer, device, incarnation)
);
INSERT INTO "ack" VALUES('hub','kiosk-1',1,1);
CREATE TABLE event (
	position INTEGER NOT NULL, 
	device VARCHAR NOT NULL, 
	incarnation INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	type VARCHAR NOT NULL, 
	known BOOLEAN NOT NULL, 
	hash VARCHAR NOT NULL, 
	stored_at VARCHAR NOT NULL, 
	wire VARCHAR NOT NULL, 
	PRIMARY KEY (position), 
	UNIQUE (device, incarnation, seq)
);
INSERT INTO "event" VALUES(1,'kiosk-1',1,1,'TicketTaken',1,'5c2471f7a26ac126e2f0d21d69624194fef43ee4e2fd14e8eaea4d21db1b2df9','2026-11-22T04:00:00.000000Z','{"at":"2026-11-22T04:00:00.000000Z","body":{"appointment":null,"customer":null,"day":"2026-11-22","delivery":"paper","lang":"ar","number":"A001","priority":null,"says_booked":false,"service":"licence","slot_at":null},"boot":"6b1d4c2e-0000-4000-8000-000000000001","dev":"kiosk-1","inc":1,"mono":1000.0,"prev":"0000000000000000000000000000000000000000000000000000000000000000","seq":1,"type":"TicketTaken","v":1}');
INSERT INTO "event" VALUES(2,'kiosk-1',1,2,'TicketTaken',1,'966bd672a2630bfeecd7daef91dfb7d650a645e796710768705a4aed878b2ee9','2026-11-22T04:00:00.000000Z','{"at":"2026-11-22T04:00:00.000000Z","body":{"appointment":null,"customer":null,"day":"2026-11-22","delivery":"paper","lang":"ar","number":"A002","priority":null,"says_booked":false,"service":"licence","slot_at":null},"boot":"6b1d4c2e-0000-4000-8000-000000000001","dev":"kiosk-1","inc":1,"mono":1000.0,"prev":"5c2471f7a26ac126e2f0d21d69624194fef43ee4e2fd14e8eaea4d21db1b2df9","seq":2,"type":"TicketTaken","v":1}');
INSERT INTO "event" VALUES(3,'kiosk-2',1,1,'DayOpened',1,'f14ca71e00adc4fa8de200b063ed427fe6011cbeeaa090ef5a69a22c5f259d13','2026-11-22T04:00:00.000000Z','{"at":"2026-11-22T04:00:01.000000Z","body":{"day":"1"},"boot":"6b1d4c2e-0000-4000-8000-000000000001","dev":"kiosk-2","inc":1,"mono":1.0,"prev":"0000000000000000000000000000000000000000000000000000000000000000","seq":1,"type":"DayOpened","v":1}');
INSERT INTO "event" VALUES(4,'kiosk-2',1,2,'RobotGreeted',0,'f11ecb14127b52550f4d451ac93a56355e84b0e1eae1909d8b59d7e2019b69ee','2026-11-22T04:00:00.000000Z','{"at":"2026-11-22T04:00:01.000000Z","body":{"day":"1"},"boot":"6b1d4c2e-0000-4000-8000-000000000001","dev":"kiosk-2","inc":1,"mono":1.0,"prev":"f14ca71e00adc4fa8de200b063ed427fe6011cbeeaa090ef5a69a22c5f259d13","seq":2,"type":"RobotGreeted","v":9}');
CREATE TABLE file (
	id VARCHAR NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "file" VALUES('0123456789abcdef');
COMMIT;
