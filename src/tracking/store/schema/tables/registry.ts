// MLflow's tables at the head of 3.18: the model registry and its webhooks. Names and types are MLflow's; they are what makes a file exchangeable.
import type { Table } from "../table.ts";

export const registryTables: Readonly<Record<string, Table>> = {
  registered_models: {
    columns: [
      "name VARCHAR(256) NOT NULL",
      "creation_time BIGINT",
      "last_updated_time BIGINT",
      "description VARCHAR(5000)",
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
    ],
    constraints: ["CONSTRAINT registered_model_pk PRIMARY KEY (workspace, name)"],
    indexes: ["CREATE INDEX idx_registered_models_workspace ON registered_models (workspace)"],
  },
  registered_model_tags: {
    columns: [
      '"key" VARCHAR(250) NOT NULL',
      "value VARCHAR(5000)",
      "name VARCHAR(256) NOT NULL",
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
    ],
    constraints: [
      'CONSTRAINT registered_model_tag_pk PRIMARY KEY (workspace, "key", name)',
      "CONSTRAINT fk_registered_model_tags_registered_models FOREIGN KEY(workspace, name) REFERENCES registered_models (workspace, name) ON UPDATE CASCADE",
    ],
    indexes: ["CREATE INDEX idx_registered_model_tags_workspace_name ON registered_model_tags (workspace, name)"],
  },
  registered_model_aliases: {
    columns: [
      "alias VARCHAR(256) NOT NULL",
      "version INTEGER NOT NULL",
      "name VARCHAR(256) NOT NULL",
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
    ],
    constraints: [
      "CONSTRAINT registered_model_alias_pk PRIMARY KEY (workspace, name, alias)",
      "CONSTRAINT fk_registered_model_aliases_registered_models FOREIGN KEY(workspace, name) REFERENCES registered_models (workspace, name) ON DELETE CASCADE ON UPDATE CASCADE",
    ],
  },
  model_versions: {
    columns: [
      "name VARCHAR(256) NOT NULL",
      "version INTEGER NOT NULL",
      "creation_time BIGINT",
      "last_updated_time BIGINT",
      "description VARCHAR(5000)",
      "user_id VARCHAR(256)",
      "current_stage VARCHAR(20)",
      "source VARCHAR(500)",
      "run_id VARCHAR(32)",
      "status VARCHAR(20)",
      "status_message VARCHAR(500)",
      "run_link VARCHAR(500)",
      "storage_location VARCHAR(500)",
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
    ],
    constraints: [
      "CONSTRAINT model_version_pk PRIMARY KEY (workspace, name, version)",
      "CONSTRAINT fk_model_versions_registered_models FOREIGN KEY(workspace, name) REFERENCES registered_models (workspace, name) ON UPDATE CASCADE",
    ],
  },
  model_version_tags: {
    columns: [
      '"key" VARCHAR(250) NOT NULL',
      "value TEXT",
      "name VARCHAR(256) NOT NULL",
      "version INTEGER NOT NULL",
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
    ],
    constraints: [
      'CONSTRAINT model_version_tag_pk PRIMARY KEY (workspace, "key", name, version)',
      "CONSTRAINT fk_model_version_tags_model_versions FOREIGN KEY(workspace, name, version) REFERENCES model_versions (workspace, name, version) ON UPDATE CASCADE",
    ],
    indexes: [
      "CREATE INDEX idx_model_version_tags_workspace_name_version ON model_version_tags (workspace, name, version)",
    ],
  },
  webhooks: {
    columns: [
      "webhook_id VARCHAR(256) NOT NULL",
      "name VARCHAR(256) NOT NULL",
      "description VARCHAR(1000)",
      "url VARCHAR(500) NOT NULL",
      "status VARCHAR(20) DEFAULT 'ACTIVE' NOT NULL",
      "secret VARCHAR(1000)",
      "creation_timestamp BIGINT",
      "last_updated_timestamp BIGINT",
      "deleted_timestamp BIGINT",
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
    ],
    constraints: ["CONSTRAINT webhook_pk PRIMARY KEY (webhook_id)"],
    indexes: [
      "CREATE INDEX idx_webhooks_status ON webhooks (status)",
      "CREATE INDEX idx_webhooks_name ON webhooks (name)",
      "CREATE INDEX idx_webhooks_workspace ON webhooks (workspace)",
    ],
  },
  webhook_events: {
    columns: ["webhook_id VARCHAR(256) NOT NULL", "entity VARCHAR(50) NOT NULL", "action VARCHAR(50) NOT NULL"],
    constraints: [
      "CONSTRAINT webhook_event_pk PRIMARY KEY (webhook_id, entity, action)",
      "FOREIGN KEY(webhook_id) REFERENCES webhooks (webhook_id) ON DELETE cascade",
    ],
    indexes: [
      "CREATE INDEX idx_webhook_events_entity ON webhook_events (entity)",
      "CREATE INDEX idx_webhook_events_action ON webhook_events (action)",
      "CREATE INDEX idx_webhook_events_entity_action ON webhook_events (entity, action)",
    ],
  },
};
