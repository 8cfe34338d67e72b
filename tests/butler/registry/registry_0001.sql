BEGIN TRANSACTION;
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE calibration (
	dataset_id INTEGER NOT NULL, 
	"begin" TEXT NOT NULL, 
	"end" TEXT NOT NULL, 
	CONSTRAINT pk_calibration PRIMARY KEY (dataset_id, "begin"), 
	CONSTRAINT fk_calibration_dataset_id FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE CASCADE
);
INSERT INTO "calibration" VALUES(2,'2013-01-01T00:00:00','2014-01-01T00:00:00');
CREATE TABLE dataset (
	id INTEGER NOT NULL, 
	type_id INTEGER NOT NULL, 
	data_id TEXT NOT NULL, 
	path TEXT NOT NULL, 
	hdu INTEGER, 
	size BIGINT, 
	mtime_ns BIGINT, 
	inode BIGINT, 
	sha256 BLOB, 
	run_id INTEGER, 
	field TEXT, 
	visit INTEGER, 
	filter TEXT, 
	ccd INTEGER, 
	"dateObs" TEXT, 
	"taiObs" TEXT, 
	"expTime" DOUBLE, 
	pointing INTEGER, 
	tract INTEGER, 
	patch TEXT, 
	"calibDate" TEXT, 
	name TEXT, 
	pixel_id INTEGER, 
	proposal TEXT, 
	"dataType" TEXT, 
	pa DOUBLE, 
	autoguider INTEGER, 
	"ccdTemp" DOUBLE, 
	config TEXT, 
	"frameId" TEXT, 
	"expId" TEXT, 
	CONSTRAINT pk_dataset PRIMARY KEY (id), 
	CONSTRAINT uq_dataset_type_id_data_id UNIQUE (type_id, data_id), 
	CONSTRAINT fk_dataset_type_id FOREIGN KEY(type_id) REFERENCES dataset_type (id), 
	CONSTRAINT fk_dataset_run_id FOREIGN KEY(run_id) REFERENCES run (id)
);
INSERT INTO "dataset" VALUES(1,1,'16,903334','summary/0903334-016.json',NULL,9,1371470400000000000,NULL,X'E8C628EDC9968EF0C668F54E0BA2636B35503357EB1ACA0DDC828AEACE432F67',1,NULL,903334,NULL,16,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "dataset" VALUES(2,1,'22,903334','summary/0903334-022.json',NULL,9,1371470400000000000,NULL,X'4356524800E99CB1D0F41E9376CC484ECE80E8CCEF54D6152EA3A7A89A160C33',1,NULL,903334,NULL,22,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE dataset_type (
	id INTEGER NOT NULL, 
	name TEXT NOT NULL, 
	keys TEXT NOT NULL, 
	storage_class TEXT NOT NULL, 
	template TEXT, 
	CONSTRAINT pk_dataset_type PRIMARY KEY (id), 
	CONSTRAINT uq_dataset_type_name UNIQUE (name)
);
INSERT INTO "dataset_type" VALUES(1,'summary','ccd,visit','Json','summary/{visit:07d}-{ccd:03d}.json');
CREATE TABLE intent (
	id INTEGER NOT NULL, 
	operation TEXT NOT NULL, 
	paths TEXT NOT NULL, 
	host TEXT NOT NULL, 
	pid INTEGER NOT NULL, 
	started TEXT NOT NULL, 
	CONSTRAINT pk_intent PRIMARY KEY (id)
);
INSERT INTO "intent" VALUES(1,'ingest','["a"]','somewhere',11881,'2026-11-30T21:03:21+00:00');
CREATE TABLE provenance (
	id INTEGER NOT NULL, 
	digest BLOB NOT NULL, 
	task TEXT, 
	configuration TEXT, 
	versions TEXT, 
	CONSTRAINT pk_provenance PRIMARY KEY (id), 
	CONSTRAINT uq_provenance_digest UNIQUE (digest)
);
INSERT INTO "provenance" VALUES(1,X'517E56B158C9737598115E352CF158B7B2ABD14753470603DD8C8DAD17E8220F','task','config: 1','v: 2');
CREATE TABLE provenance_input (
	dataset_id INTEGER NOT NULL, 
	repository TEXT NOT NULL, 
	dataset_type TEXT NOT NULL, 
	data_id TEXT NOT NULL, 
	sha256 BLOB, 
	CONSTRAINT pk_provenance_input PRIMARY KEY (dataset_id, repository, dataset_type, data_id), 
	CONSTRAINT fk_provenance_input_dataset_id FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE CASCADE
);
INSERT INTO "provenance_input" VALUES(1,'000000000000000000000000000000000000','raw','ccd=16',X'0101010101010101010101010101010101010101010101010101010101010101');
CREATE TABLE provenance_output (
	dataset_id INTEGER NOT NULL, 
	provenance_id INTEGER NOT NULL, 
	CONSTRAINT pk_provenance_output PRIMARY KEY (dataset_id), 
	CONSTRAINT fk_provenance_output_dataset_id FOREIGN KEY(dataset_id) REFERENCES dataset (id) ON DELETE CASCADE, 
	CONSTRAINT fk_provenance_output_provenance_id FOREIGN KEY(provenance_id) REFERENCES provenance (id)
);
INSERT INTO "provenance_output" VALUES(1,1);
CREATE TABLE raw (
	id INTEGER NOT NULL, 
	visit INTEGER, 
	ccd INTEGER, 
	field TEXT, 
	filter TEXT, 
	"dateObs" TEXT, 
	"taiObs" TEXT, 
	pointing INTEGER, 
	"expTime" DOUBLE, 
	"dataType" TEXT, 
	proposal TEXT, 
	"expId" TEXT, 
	"frameId" TEXT, 
	pa DOUBLE, 
	"ccdTemp" DOUBLE, 
	config TEXT, 
	autoguider INTEGER, 
	CONSTRAINT pk_raw PRIMARY KEY (id), 
	CONSTRAINT uq_raw_visit_ccd UNIQUE (visit, ccd)
);
INSERT INTO "raw" VALUES(1,903334,16,'STRIPE82L','HSC-R','2013-06-17','2013-06-17',671,30.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
INSERT INTO "raw" VALUES(2,903334,22,'STRIPE82L','HSC-R','2013-06-17','2013-06-17',671,30.0,NULL,NULL,NULL,NULL,NULL,NULL,NULL,NULL);
CREATE TABLE registry_info (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	CONSTRAINT pk_registry_info PRIMARY KEY (name)
);
INSERT INTO "registry_info" VALUES('uuid','fd7ef0c1-b26b-4609-9aee-5f9ee5ba1287');
INSERT INTO "registry_info" VALUES('camera','hsc');
INSERT INTO "registry_info" VALUES('schema_counter','1');
INSERT INTO "registry_info" VALUES('created','2026-11-30T21:03:21+00:00');
INSERT INTO "registry_info" VALUES('observation','{"columns": {"visit": "int", "ccd": "int", "field": "str", "filter": "str", "dateObs": "str", "taiObs": "str", "pointing": "int", "expTime": "float", "dataType": "str", "proposal": "str", "expId": "str", "frameId": "str", "pa": "float", "ccdTemp": "float", "config": "str", "autoguider": "int"}, "unique": ["visit", "ccd"], "implied": [[["visit"], ["field", "filter", "dateObs", "taiObs", "pointing"]]]}');
CREATE TABLE registry_key (
	name TEXT NOT NULL, 
	type TEXT NOT NULL, 
	position INTEGER NOT NULL, 
	CONSTRAINT pk_registry_key PRIMARY KEY (name)
);
INSERT INTO "registry_key" VALUES('field','str',0);
INSERT INTO "registry_key" VALUES('visit','int',1);
INSERT INTO "registry_key" VALUES('filter','str',2);
INSERT INTO "registry_key" VALUES('ccd','int',3);
INSERT INTO "registry_key" VALUES('dateObs','str',4);
INSERT INTO "registry_key" VALUES('taiObs','str',5);
INSERT INTO "registry_key" VALUES('expTime','float',6);
INSERT INTO "registry_key" VALUES('pointing','int',7);
INSERT INTO "registry_key" VALUES('tract','int',8);
INSERT INTO "registry_key" VALUES('patch','str',9);
INSERT INTO "registry_key" VALUES('calibDate','str',10);
INSERT INTO "registry_key" VALUES('name','str',11);
INSERT INTO "registry_key" VALUES('pixel_id','int',12);
INSERT INTO "registry_key" VALUES('proposal','str',13);
INSERT INTO "registry_key" VALUES('dataType','str',14);
INSERT INTO "registry_key" VALUES('pa','float',15);
INSERT INTO "registry_key" VALUES('autoguider','int',16);
INSERT INTO "registry_key" VALUES('ccdTemp','float',17);
INSERT INTO "registry_key" VALUES('config','str',18);
INSERT INTO "registry_key" VALUES('frameId','str',19);
INSERT INTO "registry_key" VALUES('expId','str',20);
CREATE TABLE run (
	id INTEGER NOT NULL, 
	started TEXT NOT NULL, 
	user TEXT NOT NULL, 
	host TEXT NOT NULL, 
	version TEXT NOT NULL, 
	task TEXT, 
	CONSTRAINT pk_run PRIMARY KEY (id)
);
INSERT INTO "run" VALUES(1,'2026-11-30T21:03:21+00:00','somebody','somewhere','0.1',NULL);
CREATE TABLE trash (
	id INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	removed TEXT NOT NULL, 
	CONSTRAINT pk_trash PRIMARY KEY (id)
);
CREATE INDEX ix_dataset_observation ON dataset (type_id, visit, ccd);
CREATE INDEX ix_dataset_path ON dataset (path) WHERE hdu IS NOT NULL;
COMMIT;
