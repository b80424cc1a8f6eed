# frozen_string_literal: true

module TaskerCore
  module Native
    module BulkReadPool
      # What the pool is opened with: the same server, user, database and settings of the session as the engine's own connection has.
      #
      # They are read from a connection that is open, not from the configuration: so the environment, service files, password files,
      # `variables`, `schema_search_path` and whatever an application sets on new connections are in them.
      module Settings
        # What makes a session behave as it does, in the units of its own.
        SESSION = <<~SQL.squish.freeze
          select name, setting from pg_settings
          where source in ('session', 'client') and context in ('user', 'superuser') order by name
        SQL
        # How to have the pool compiled.
        CURE = "run `bundle config set build.tasker-core \"--features pool\"` and reinstall the gem"
        private_constant :SESSION, :CURE

        class << self
          # @param connections [ActiveRecord::ConnectionAdapters::ConnectionPool]
          # @return [Hash{String => Object}] for `Native::Pool.new`
          # @raise [ConfigurationError] for what the pool cannot do
          def read(connections)
            size = TaskerCore.configuration.bulk_pool_size
            refuse("an extension that was compiled with it", "one without (#{CURE})") unless BulkReadPool.compiled?
            connections.with_connection do |connection|
              check_statements(connection)
              raw = connection.raw_connection
              refuse("a connection to PostgreSQL by the driver `pg`", raw.class) unless raw.is_a?(PG::Connection)
              settings = connection.select_rows(SESSION, "SCHEMA").to_h
              check(raw, settings)
              server(raw).merge(times(connections), "size" => size, "setup" => setup(connection, settings),
                                                    "application_name" => settings["application_name"])
            end
          end

          private

          # Statements are not prepared where a pooler (PgBouncer) stands between, which gives each transaction another session: neither the
          # pool's settings nor the session to be stopped would be found again.
          def check_statements(connection)
            return if connection.prepared_statements

            refuse("a connection with prepared statements, which is a session of its own", "one with `prepared_statements: false`")
          end

          def check(raw, settings)
            refuse("a connection without TLS, which the pool does not speak", "one with it") if raw.ssl_in_use?
            encoding = settings.fetch("client_encoding", "UTF8")
            refuse("`encoding: unicode`", encoding.inspect) unless %w[UTF8 UNICODE].include?(encoding.upcase)
          end

          def server(raw)
            { "host" => raw.host, "port" => raw.port, "user" => raw.user, "password" => raw.pass.presence, "database" => raw.db }
          end

          def times(connections)
            { "checkout_timeout" => connections.checkout_timeout.to_f, "idle_timeout" => connections.db_config.idle_timeout&.to_f }
          end

          def setup(connection, settings)
            settings.map { |name, value| "select set_config(#{connection.quote(name)}, #{connection.quote(value)}, false)" }
          end

          def refuse(expected, got)
            raise ConfigurationError, "config.bulk_pool_size: expected #{expected}, got #{got}"
          end
        end
      end
    end
  end
end
