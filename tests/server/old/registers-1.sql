BEGIN TRANSACTION;
CREATE TABLE appointment (
	centre VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	service VARCHAR NOT NULL, 
	slot_at DATETIME NOT NULL, 
	customer VARCHAR NOT NULL, 
	status VARCHAR NOT NULL, 
	reference VARCHAR, 
	PRIMARY KEY (centre, id), 
	FOREIGN KEY(centre) REFERENCES centre (id), 
	FOREIGN KEY(customer) REFERENCES customer (id)
);
INSERT INTO "appointment" VALUES('muharraq-traffic','id-5','licence-renewal','2026-11-18 06:00:00.000000','id-1','booked','past');
INSERT INTO "appointment" VALUES('muharraq-traffic','id-6','licence-renewal','2026-11-22 05:00:00.000000','id-1','booked','now');
INSERT INTO "appointment" VALUES('muharraq-traffic','id-7','licence-renewal','2026-11-22 05:00:00.000000','id-2','booked','also');
INSERT INTO "appointment" VALUES('muharraq-traffic','id-8','driving-test','2026-11-22 07:00:00.000000','id-3','booked','later');
CREATE TABLE centre (
	id VARCHAR NOT NULL, 
	settings JSON NOT NULL, 
	revision INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "centre" VALUES('muharraq-traffic','{"id": "muharraq-traffic", "name": {"ar": "\u0627\u0644\u0625\u062f\u0627\u0631\u0629 \u0627\u0644\u0639\u0627\u0645\u0629 \u0644\u0644\u0645\u0631\u0648\u0631 \u2013 \u0641\u0631\u0639 \u0627\u0644\u0645\u062d\u0631\u0642", "en": "General Directorate of Traffic \u2013 Muharraq Branch"}, "services": [{"id": "licence-renewal", "letter": "A", "name": {"ar": "\u062a\u062c\u062f\u064a\u062f \u0631\u062e\u0635\u0629 \u0627\u0644\u0633\u064a\u0627\u0642\u0629", "en": "Driving Licence Renewal"}, "group": {"ar": "\u0631\u062e\u0635\u0629 \u0627\u0644\u0633\u064a\u0627\u0642\u0629", "en": "Driving licence"}, "needs": {"ar": ["\u0628\u0637\u0627\u0642\u0629 \u0627\u0644\u0647\u0648\u064a\u0629 \u0633\u0627\u0631\u064a\u0629 \u0627\u0644\u0645\u0641\u0639\u0648\u0644", "\u0631\u062e\u0635\u0629 \u0627\u0644\u0633\u064a\u0627\u0642\u0629 \u0627\u0644\u062d\u0627\u0644\u064a\u0629", "\u062a\u0633\u062f\u064a\u062f \u0627\u0644\u0645\u062e\u0627\u0644\u0641\u0627\u062a \u0627\u0644\u0645\u0631\u0648\u0631\u064a\u0629", "\u062a\u0642\u0631\u064a\u0631 \u0637\u0628\u064a \u0644\u0645\u0646 \u0623\u062a\u0645\u0651 60 \u0639\u0627\u0645\u064b\u0627"], "en": ["Valid identity card", "Your current licence", "Traffic fines settled", "Medical report if you are 60 or older"]}, "fee": {"ar": "20 \u062f\u064a\u0646\u0627\u0631\u064b\u0627 \u0644\u062e\u0645\u0633 \u0633\u0646\u0648\u0627\u062a", "en": "BHD 20 for five years"}, "target_wait_s": 900, "typical_serving_s": 300, "appointments": true, "daily_limit": null, "slot_s": 900, "places": null, "virtual": false}, {"id": "driving-test", "letter": "L", "name": {"ar": "\u062d\u062c\u0632 \u0627\u062e\u062a\u0628\u0627\u0631 \u0627\u0644\u0633\u064a\u0627\u0642\u0629", "en": "Driving Test Booking"}, "group": {"ar": "\u062a\u0639\u0644\u0651\u0645 \u0627\u0644\u0633\u064a\u0627\u0642\u0629", "en": "Learning to drive"}, "needs": {"ar": ["\u0628\u0637\u0627\u0642\u0629 \u0627\u0644\u0647\u0648\u064a\u0629 \u0633\u0627\u0631\u064a\u0629 \u0627\u0644\u0645\u0641\u0639\u0648\u0644", "\u0631\u062e\u0635\u0629 \u062a\u0639\u0644\u064a\u0645 \u0633\u0627\u0631\u064a\u0629 \u0627\u0644\u0645\u0641\u0639\u0648\u0644", "\u0634\u0647\u0627\u062f\u0629 \u0625\u062a\u0645\u0627\u0645 \u0633\u0627\u0639\u0627\u062a \u0627\u0644\u062a\u062f\u0631\u064a\u0628"], "en": ["Valid identity card", "Valid learner''s permit", "Certificate of completed training hours"]}, "fee": {"ar": "10 \u062f\u0646\u0627\u0646\u064a\u0631", "en": "BHD 10"}, "target_wait_s": 1200, "typical_serving_s": 420, "appointments": true, "daily_limit": 120, "slot_s": 900, "places": null, "virtual": false}], "counters": [{"id": "1", "label": "1", "services": ["licence-renewal", "driving-test"], "zone": "hall"}], "version": 1, "timezone": "Asia/Bahrain", "digits": "latn", "languages": ["ar", "en"], "rates": {"walk_in": 1.0, "appointment": 2.0, "priority": 3.0}, "appointments": {"early_lead_s": 300, "grace_s": 900}, "priority_age": 60, "hours": {"sun": [["07:00", "14:15"]], "mon": [["07:00", "14:15"]], "tue": [["07:00", "14:15"]], "wed": [["07:00", "14:15"]], "thu": [["07:00", "14:00"]]}, "holidays": [{"date": "2026-01-01", "name": {"ar": "\u0631\u0623\u0633 \u0627\u0644\u0633\u0646\u0629 \u0627\u0644\u0645\u064a\u0644\u0627\u062f\u064a\u0629", "en": "New Year''s Day"}}, {"date": "2026-05-01", "name": {"ar": "\u0639\u064a\u062f \u0627\u0644\u0639\u0645\u0627\u0644", "en": "Labour Day"}}, {"date": "2026-12-16", "name": {"ar": "\u0627\u0644\u0639\u064a\u062f \u0627\u0644\u0648\u0637\u0646\u064a", "en": "National Day"}}, {"date": "2026-12-17", "name": {"ar": "\u0639\u064a\u062f \u0627\u0644\u062c\u0644\u0648\u0633", "en": "Accession Day"}}, {"date": "2027-01-01", "name": {"ar": "\u0631\u0623\u0633 \u0627\u0644\u0633\u0646\u0629 \u0627\u0644\u0645\u064a\u0644\u0627\u062f\u064a\u0629", "en": "New Year''s Day"}}, {"date": "2027-05-01", "name": {"ar": "\u0639\u064a\u062f \u0627\u0644\u0639\u0645\u0627\u0644", "en": "Labour Day"}}, {"date": "2027-12-16", "name": {"ar": "\u0627\u0644\u0639\u064a\u062f \u0627\u0644\u0648\u0637\u0646\u064a", "en": "National Day"}}, {"date": "2027-12-17", "name": {"ar": "\u0639\u064a\u062f \u0627\u0644\u062c\u0644\u0648\u0633", "en": "Accession Day"}}], "extra_days": [], "voice": {"order": ["ar", "en"]}, "notices": [{"text": {"ar": "\u064a\u064f\u0631\u062c\u0649 \u062a\u062c\u0647\u064a\u0632 \u0628\u0637\u0627\u0642\u0629 \u0627\u0644\u0647\u0648\u064a\u0629 \u0648\u0627\u0644\u0645\u0633\u062a\u0646\u062f\u0627\u062a \u0627\u0644\u0645\u0637\u0644\u0648\u0628\u0629 \u0642\u0628\u0644 \u0627\u0644\u062a\u0648\u062c\u0647 \u0625\u0644\u0649 \u0627\u0644\u0634\u0628\u0627\u0643", "en": "Please have your identity card and documents ready before you go to the counter"}, "since": null, "until": null}, {"text": {"ar": "\u064a\u0645\u0643\u0646\u0643\u0645 \u062a\u062c\u062f\u064a\u062f \u0631\u062e\u0635\u0629 \u0627\u0644\u0633\u064a\u0627\u0642\u0629 \u0648\u062a\u0633\u062c\u064a\u0644 \u0627\u0644\u0645\u0631\u0643\u0628\u0629 \u0639\u0628\u0631 \u0627\u0644\u0628\u0648\u0627\u0628\u0629 \u0627\u0644\u0648\u0637\u0646\u064a\u0629 bahrain.bh \u062f\u0648\u0646 \u0627\u0644\u062d\u0636\u0648\u0631 \u0625\u0644\u0649 \u0627\u0644\u0641\u0631\u0639", "en": "You can renew your licence and vehicle registration on the national portal bahrain.bh without coming to the branch"}, "since": null, "until": null}, {"text": {"ar": "\u0633\u0644\u0627\u0645\u062a\u0643\u0645 \u062a\u0647\u0645\u0646\u0627: \u0644\u0627 \u062a\u0633\u062a\u062e\u062f\u0645\u0648\u0627 \u0627\u0644\u0647\u0627\u062a\u0641 \u0623\u062b\u0646\u0627\u0621 \u0627\u0644\u0633\u064a\u0627\u0642\u0629", "en": "Your safety matters: do not use your phone while driving"}, "since": null, "until": null}], "pause_reasons": [{"id": "prayer", "name": {"ar": "\u0627\u0644\u0635\u0644\u0627\u0629", "en": "Prayer"}}, {"id": "break", "name": {"ar": "\u0627\u0633\u062a\u0631\u0627\u062d\u0629", "en": "Break"}}, {"id": "paperwork", "name": {"ar": "\u0639\u0645\u0644 \u0645\u0643\u062a\u0628\u064a", "en": "Office work"}}, {"id": "assist", "name": {"ar": "\u0645\u0633\u0627\u0639\u062f\u0629 \u0632\u0645\u064a\u0644", "en": "Assisting a colleague"}}, {"id": "system", "name": {"ar": "\u0639\u0637\u0644 \u0641\u064a \u0627\u0644\u0646\u0638\u0627\u0645", "en": "System fault"}}], "messages": {"near_people": 3, "near_minutes": null, "called": true}, "sms_default": false, "phones": [{"country": "973", "length": 8, "mobile_prefixes": ["30", "31", "32", "33", "34", "35", "36", "37", "39", "380", "381", "382", "383", "384", "385", "387", "388", "389", "6300", "6333", "6361", "6366", "6441", "666", "669", "6630", "6633", "6634", "6635", "6636", "6637", "6638", "6639", "6670", "6671", "6672", "6673", "6674", "6675", "6676", "6678", "6679"]}], "step_out": {"max_s": 1800, "times": 2}, "booking": {"horizon_days": 7, "walk_in_share": 0.5, "late_cancel_s": 3600, "open_per_service": 1, "misses": 3, "within_days": 7, "block_days": 7, "early_cancels_count": true}, "follow_url": "", "governorate": null, "address": null, "contact": {"phone": "", "whatsapp": "", "email": "", "map_url": ""}, "questions": []}',1);
CREATE TABLE customer (
	id VARCHAR NOT NULL, 
	lookup VARCHAR NOT NULL, 
	cpr BLOB NOT NULL, 
	born BLOB NOT NULL, 
	name BLOB NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (lookup)
);
INSERT INTO "customer" VALUES('id-1','73900422851e6d6cf96f3da000e51875',X'03B2BDC5D6FDC149D9BFD09AFBF7AF857C811A475E3BAF0644207F6A963D033E229AD801FF',X'B77881F7C890B36965BA60C8162EEFC1E68BF428FC2D93A27C87B61254EA0FCE265FC9E96214',X'2F0EA64583EE8CE347D702645A9DE4CDD19597E8F5E2D297C8A16C0E29BE820399156538F8EA39C33B4C477BA5622B891562C72938A881F28A7EFB1E3BF5CCDBFA0820B0B9594FA24941AC2D99CBFAD67B5350D5');
INSERT INTO "customer" VALUES('id-2','bd62fb6fe4921fb4fe3d8cd7875dc63e',X'9712D8F43AD010AEB85104C4A5962932ACA591EB4461424F53E7001C3B03492592712F224B',X'CBE3F6A4EF8617EC9278F810FBF6089796C79409288A841F4871422994BA4B64918C54B1D850',X'2779D34435DB77EC39E82C08E932A008894143F358D54BB7A6F2A0800837E5ECA3B7EE4AEC189B7100DB62C1F3AFAD69E0B5065E22FA374FDAF9E124EF0A223FA3A99E602ACEFFD1D08EED12DA719C7FD97988EC0D');
INSERT INTO "customer" VALUES('id-3','4b5a722b4ee338b1308946920eb77259',X'8C0B01B8E4C2D33C26227210FDCA1243212AFD2D6C119FD0CEBA1615F37BCC1EF24B59C825',X'F0DCFFEB9AA74EEF8B35888F9EC811326BBE93AC4B28ABE2C1762BEE5B2D181ED60F42FC94CF',X'D92C2FC12E3FC96E72158BD018B55C349C79D544716BC3E8BE52236CD1D3A4D62D980CF5B5DD675ADED5D5C31AF1E2E4BC5A7B9A5776ECDC50EB766C890B9A963CC6E8FC8B6078B30B0B857C89B001368080FB7DBBCA');
INSERT INTO "customer" VALUES('id-4','60e7fdfba04b2e4d2b8f077aec573bf4',X'5BACCF23489B82772EDF740C4BB1600B31C6B00AF2B29FE593CB8CC04DC70EA04040628C90',X'D4B465814CC279B3AEEB7ADD095E206FB02A318808957056C156A64E273C753EEBFD860DB365',X'B4B8CDABE6788CBE22D185320B4A602D12CAAFCCBC8CE42A137DB812D8009320181A2AB10BA7A931A629179259A787501E2E2E8D4A815DC1675B01177DF0B613D91D00827DDADDAB411DE7E16E32CEEB30EBC2F8F5');
CREATE TABLE device (
	centre VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	series VARCHAR NOT NULL, 
	incarnation INTEGER NOT NULL, 
	public_key VARCHAR NOT NULL, 
	revoked BOOLEAN NOT NULL, 
	PRIMARY KEY (centre, id), 
	UNIQUE (id), 
	FOREIGN KEY(centre) REFERENCES centre (id)
);
CREATE TABLE device_act (
	id INTEGER NOT NULL, 
	device VARCHAR NOT NULL, 
	incarnation INTEGER NOT NULL, 
	act VARCHAR NOT NULL, 
	"by" VARCHAR NOT NULL, 
	note VARCHAR NOT NULL, 
	at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE enrolment (
	name VARCHAR NOT NULL, 
	secret_hash VARCHAR NOT NULL, 
	centre VARCHAR NOT NULL, 
	device VARCHAR NOT NULL, 
	role VARCHAR NOT NULL, 
	series VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	made_by VARCHAR NOT NULL, 
	expires_at DATETIME NOT NULL, 
	tries INTEGER NOT NULL, 
	public_key VARCHAR NOT NULL, 
	incarnation INTEGER NOT NULL, 
	PRIMARY KEY (name), 
	FOREIGN KEY(centre) REFERENCES centre (id)
);
CREATE TABLE registers (
	id INTEGER NOT NULL, 
	schema_version INTEGER NOT NULL, 
	key_check BLOB NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "registers" VALUES(1,1,X'9027AB5EBC2614C395A2A0669C4C3D6222D6F3B93B9BB869A5E389D5C23CC548');
CREATE TABLE retired (
	device VARCHAR NOT NULL, 
	incarnation INTEGER NOT NULL, 
	centre VARCHAR NOT NULL, 
	series VARCHAR NOT NULL, 
	public_key VARCHAR NOT NULL, 
	retired_at DATETIME NOT NULL, 
	PRIMARY KEY (device, incarnation), 
	FOREIGN KEY(centre) REFERENCES centre (id)
);
CREATE TABLE staff (
	centre VARCHAR NOT NULL, 
	id VARCHAR NOT NULL, 
	name JSON NOT NULL, 
	role VARCHAR NOT NULL, 
	pin_hash VARCHAR NOT NULL, 
	PRIMARY KEY (centre, id), 
	FOREIGN KEY(centre) REFERENCES centre (id)
);
INSERT INTO "staff" VALUES('muharraq-traffic','c1','{"ar": "\u0645\u0631\u064a\u0645 \u0627\u0644\u0623\u0646\u0635\u0627\u0631\u064a", "en": "Maryam Al Ansari"}','clerk','$argon2id$v=19$m=19456,t=2,p=1$xuwS9/qRXWkYmE5Zd4n74w$KvyQOCBQBJ01Apy7lb0z3ZTzdzwTpndDlP5QqVVoNak');
CREATE TABLE wish (
	id BIGINT NOT NULL, 
	centre VARCHAR NOT NULL, 
	ticket VARCHAR NOT NULL, 
	identity VARCHAR NOT NULL, 
	what VARCHAR NOT NULL, 
	made_at DATETIME NOT NULL, 
	PRIMARY KEY (id)
);
CREATE INDEX ix_device_act_device ON device_act (device);
CREATE INDEX appointment_of_customer ON appointment (centre, customer, slot_at);
CREATE INDEX appointment_of_day ON appointment (centre, slot_at);
COMMIT;
