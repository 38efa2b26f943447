// MLflow's tables at the head of 3.18: what else the server keeps (second half). Names and types are MLflow's; they are what makes a file exchangeable.
import type { Table } from "../table.ts";

export const newestTables: Readonly<Record<string, Table>> = {
  mcp_server_versions: {
    columns: [
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
      "name VARCHAR(256) NOT NULL",
      "version VARCHAR(128) NOT NULL",
      "version_major INTEGER NOT NULL",
      "version_minor INTEGER NOT NULL",
      "version_patch INTEGER NOT NULL",
      "version_prerelease_sort_key VARCHAR(512) NOT NULL",
      "server_json JSON NOT NULL",
      "status VARCHAR(20) DEFAULT 'draft' NOT NULL",
      "tools JSON",
      "source VARCHAR(512)",
      "connect_options JSON",
      "created_by VARCHAR(256)",
      "last_updated_by VARCHAR(256)",
      "created_at BIGINT NOT NULL",
      "last_updated_at BIGINT NOT NULL",
    ],
    constraints: [
      "CONSTRAINT mcp_server_versions_pk PRIMARY KEY (workspace, name, version)",
      "CONSTRAINT mcp_server_versions_server_fkey FOREIGN KEY(workspace, name) REFERENCES mcp_servers (workspace, name) ON DELETE CASCADE ON UPDATE CASCADE",
    ],
    indexes: [
      "CREATE INDEX idx_mcp_server_versions_latest ON mcp_server_versions (workspace, name, status, version_major DESC, version_minor DESC, version_patch DESC)",
    ],
  },
  mcp_server_tags: {
    columns: [
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
      "name VARCHAR(256) NOT NULL",
      '"key" VARCHAR(250) NOT NULL',
      "value VARCHAR(5000)",
    ],
    constraints: [
      'CONSTRAINT mcp_server_tags_pk PRIMARY KEY (workspace, name, "key")',
      "CONSTRAINT mcp_server_tags_server_fkey FOREIGN KEY(workspace, name) REFERENCES mcp_servers (workspace, name) ON DELETE CASCADE ON UPDATE CASCADE",
    ],
  },
  mcp_server_version_tags: {
    columns: [
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
      "name VARCHAR(256) NOT NULL",
      "version VARCHAR(128) NOT NULL",
      '"key" VARCHAR(250) NOT NULL',
      "value VARCHAR(5000)",
    ],
    constraints: [
      'CONSTRAINT mcp_server_version_tags_pk PRIMARY KEY (workspace, name, version, "key")',
      "CONSTRAINT mcp_server_version_tags_version_fkey FOREIGN KEY(workspace, name, version) REFERENCES mcp_server_versions (workspace, name, version) ON DELETE CASCADE ON UPDATE CASCADE",
    ],
  },
  mcp_server_aliases: {
    columns: [
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
      "name VARCHAR(256) NOT NULL",
      "alias VARCHAR(256) NOT NULL",
      "version VARCHAR(128) NOT NULL",
    ],
    constraints: [
      "CONSTRAINT mcp_server_aliases_pk PRIMARY KEY (workspace, name, alias)",
      "CONSTRAINT mcp_server_aliases_server_fkey FOREIGN KEY(workspace, name) REFERENCES mcp_servers (workspace, name) ON DELETE CASCADE ON UPDATE CASCADE",
    ],
  },
  mcp_access_endpoints: {
    columns: [
      "id VARCHAR(36) NOT NULL",
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
      "server_name VARCHAR(256) NOT NULL",
      "server_version VARCHAR(128)",
      "server_alias VARCHAR(256)",
      "url VARCHAR(2048) NOT NULL",
      "transport_type VARCHAR(32) DEFAULT 'streamable-http' NOT NULL",
      "created_by VARCHAR(256)",
      "last_updated_by VARCHAR(256)",
      "created_at BIGINT NOT NULL",
      "last_updated_at BIGINT NOT NULL",
    ],
    constraints: [
      "CONSTRAINT mcp_access_endpoints_pk PRIMARY KEY (id)",
      "CONSTRAINT mcp_access_endpoints_server_fkey FOREIGN KEY(workspace, server_name) REFERENCES mcp_servers (workspace, name) ON DELETE CASCADE ON UPDATE CASCADE",
    ],
    indexes: [
      "CREATE INDEX ix_mcp_access_endpoints_server_name ON mcp_access_endpoints (workspace, server_name)",
      "CREATE INDEX ix_mcp_access_endpoints_version ON mcp_access_endpoints (workspace, server_name, server_version)",
      "CREATE INDEX ix_mcp_access_endpoints_alias ON mcp_access_endpoints (workspace, server_name, server_alias)",
    ],
  },
  sql_trace_metric_daily_rollups: {
    columns: [
      "id INTEGER NOT NULL",
      "experiment_id INTEGER NOT NULL",
      "rollup_day DATE NOT NULL",
      "metric_name VARCHAR(250) NOT NULL",
      "grouping_set VARCHAR(50) NOT NULL",
      "trace_status VARCHAR(50)",
      "sample_count BIGINT NOT NULL",
      "sum_value FLOAT",
      "min_value FLOAT",
      "max_value FLOAT",
      "p50_value FLOAT",
      "p90_value FLOAT",
      "p99_value FLOAT",
    ],
    constraints: ["CONSTRAINT sql_trace_metric_daily_rollups_pk PRIMARY KEY (id)"],
    indexes: [
      "CREATE INDEX idx_trace_rollups_lookup ON sql_trace_metric_daily_rollups (experiment_id, rollup_day, metric_name, grouping_set, trace_status)",
    ],
  },
  sql_span_cost_daily_rollups: {
    columns: [
      "id INTEGER NOT NULL",
      "experiment_id INTEGER NOT NULL",
      "rollup_day DATE NOT NULL",
      "metric_name VARCHAR(250) NOT NULL",
      "grouping_set VARCHAR(50) NOT NULL",
      "model_name VARCHAR(500)",
      "model_provider VARCHAR(500)",
      "sample_count BIGINT NOT NULL",
      "sum_value FLOAT",
      "min_value FLOAT",
      "max_value FLOAT",
    ],
    constraints: ["CONSTRAINT sql_span_cost_daily_rollups_pk PRIMARY KEY (id)"],
    indexes: [
      "CREATE INDEX idx_span_cost_rollups_lookup ON sql_span_cost_daily_rollups (experiment_id, rollup_day, metric_name, grouping_set, model_name, model_provider)",
    ],
  },
  sql_assessment_daily_rollups: {
    columns: [
      "id INTEGER NOT NULL",
      "experiment_id INTEGER NOT NULL",
      "rollup_day DATE NOT NULL",
      "metric_name VARCHAR(250) NOT NULL",
      "grouping_set VARCHAR(50) NOT NULL",
      "sample_count BIGINT NOT NULL",
      "sum_value FLOAT",
      "min_value FLOAT",
      "max_value FLOAT",
    ],
    constraints: ["CONSTRAINT sql_assessment_daily_rollups_pk PRIMARY KEY (id)"],
    indexes: [
      "CREATE INDEX idx_assessment_rollups_lookup ON sql_assessment_daily_rollups (experiment_id, rollup_day, metric_name, grouping_set)",
    ],
  },
  sql_trace_rollup_rebuild_queue: {
    columns: ["experiment_id INTEGER NOT NULL", "rollup_day DATE NOT NULL", "rollup_family VARCHAR(50) NOT NULL"],
    constraints: [
      "CONSTRAINT sql_trace_rollup_rebuild_queue_pk PRIMARY KEY (experiment_id, rollup_day, rollup_family)",
    ],
  },
  scheduler_leases: {
    columns: ["lease_key VARCHAR(255) NOT NULL", "acquired_at BIGINT NOT NULL", "ttl_seconds INTEGER NOT NULL"],
    constraints: ["CONSTRAINT scheduler_leases_pk PRIMARY KEY (lease_key)"],
  },
  job_locks: {
    columns: ["lock_key VARCHAR(255) NOT NULL", "job_id VARCHAR(36) NOT NULL", "acquired_at BIGINT NOT NULL"],
    constraints: [
      "CONSTRAINT job_locks_pk PRIMARY KEY (lock_key)",
      "CONSTRAINT fk_job_locks_job_id FOREIGN KEY(job_id) REFERENCES jobs (id) ON DELETE CASCADE",
    ],
    indexes: ["CREATE INDEX index_job_locks_job_id ON job_locks (job_id)"],
  },
  skills: {
    columns: [
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
      "organization VARCHAR(64) DEFAULT '' NOT NULL",
      "name VARCHAR(128) NOT NULL",
      "description TEXT",
      "icons JSON",
      "search_text TEXT",
      "created_by VARCHAR(256)",
      "last_updated_by VARCHAR(256)",
      "created_at BIGINT NOT NULL",
      "last_updated_at BIGINT NOT NULL",
    ],
    constraints: ["CONSTRAINT skills_pk PRIMARY KEY (workspace, organization, name)"],
  },
  skill_versions: {
    columns: [
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
      "organization VARCHAR(64) DEFAULT '' NOT NULL",
      "name VARCHAR(128) NOT NULL",
      "version INTEGER NOT NULL",
      "source_type VARCHAR(20)",
      "source VARCHAR(2048)",
      "ref VARCHAR(2048)",
      "subpath VARCHAR(2048)",
      "digest VARCHAR(64)",
      "status VARCHAR(20) DEFAULT 'active' NOT NULL",
      "created_by VARCHAR(256)",
      "last_updated_by VARCHAR(256)",
      "created_at BIGINT NOT NULL",
      "last_updated_at BIGINT NOT NULL",
    ],
    constraints: [
      "CONSTRAINT skill_versions_pk PRIMARY KEY (workspace, organization, name, version)",
      "CONSTRAINT skill_versions_skill_fkey FOREIGN KEY(workspace, organization, name) REFERENCES skills (workspace, organization, name) ON DELETE CASCADE ON UPDATE CASCADE",
    ],
    indexes: [
      "CREATE INDEX ix_skill_versions_latest_lookup ON skill_versions (workspace, organization, name, status, version)",
      "CREATE INDEX ix_skill_versions_digest ON skill_versions (workspace, organization, name, digest)",
    ],
  },
  skill_tags: {
    columns: [
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
      "organization VARCHAR(64) DEFAULT '' NOT NULL",
      "name VARCHAR(128) NOT NULL",
      '"key" VARCHAR(250) NOT NULL',
      "value TEXT",
    ],
    constraints: [
      'CONSTRAINT skill_tags_pk PRIMARY KEY (workspace, organization, name, "key")',
      "CONSTRAINT skill_tags_skill_fkey FOREIGN KEY(workspace, organization, name) REFERENCES skills (workspace, organization, name) ON DELETE CASCADE ON UPDATE CASCADE",
    ],
  },
  skill_version_tags: {
    columns: [
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
      "organization VARCHAR(64) DEFAULT '' NOT NULL",
      "name VARCHAR(128) NOT NULL",
      "version INTEGER NOT NULL",
      '"key" VARCHAR(250) NOT NULL',
      "value TEXT",
    ],
    constraints: [
      'CONSTRAINT skill_version_tags_pk PRIMARY KEY (workspace, organization, name, version, "key")',
      "CONSTRAINT skill_version_tags_version_fkey FOREIGN KEY(workspace, organization, name, version) REFERENCES skill_versions (workspace, organization, name, version) ON DELETE CASCADE ON UPDATE CASCADE",
    ],
  },
  skill_aliases: {
    columns: [
      "workspace VARCHAR(63) DEFAULT 'default' NOT NULL",
      "organization VARCHAR(64) DEFAULT '' NOT NULL",
      "name VARCHAR(128) NOT NULL",
      "alias VARCHAR(256) NOT NULL",
      "version INTEGER NOT NULL",
    ],
    constraints: [
      "CONSTRAINT skill_aliases_pk PRIMARY KEY (workspace, organization, name, alias)",
      "CONSTRAINT skill_aliases_skill_fkey FOREIGN KEY(workspace, organization, name) REFERENCES skills (workspace, organization, name) ON DELETE CASCADE ON UPDATE CASCADE",
    ],
  },
  issue_categories: {
    columns: ["issue_id VARCHAR(36) NOT NULL", "category_hash VARCHAR(64) NOT NULL", "category TEXT NOT NULL"],
    constraints: [
      "CONSTRAINT issue_categories_pk PRIMARY KEY (issue_id, category_hash)",
      "CONSTRAINT fk_issue_categories_issue_id FOREIGN KEY(issue_id) REFERENCES issues (issue_id) ON DELETE CASCADE",
    ],
    indexes: ["CREATE INDEX index_issue_categories_hash ON issue_categories (category_hash)"],
  },
};
