# frozen_string_literal: true

require_relative "../rails_helper"

# What a pool for bulk reads says where it cannot answer.
RSpec.describe TaskerCore::Native::BulkReadPool do
  include_context "with a pool for bulk reads"

  describe "refused by the database" do
    # @return [Array(Array, Array)] what is raised by the pool, and by ActiveRecord's own connection, with a setting of the session
    def raised(name, value, &)
      ids
      connection.execute("SET #{name} TO #{value}")
      pooled = error_of(&)
      TaskerCore.configuration.bulk_pool_size = nil
      [pooled, error_of(&)]
    ensure
      TaskerCore.configuration.bulk_pool_size = 2
      connection.execute("RESET #{name}")
    end

    # Without its statement, which ActiveRecord's own errors name or not.
    def error_of
      yield
    rescue ActiveRecord::StatementInvalid => e
      [e.class, e.cause.class, e.message.lines.first, e.connection_pool.class]
    end

    it "names the statement and what it was asked with" do
      ids
      connection.execute("SET statement_timeout TO 200")
      with_tasks_locked do
        expect { ask }.to raise_error(ActiveRecord::QueryCanceled) { |error|
          expect([error.sql, error.binds]).to match([/tasker_workflow_steps/, ["{#{ids.join(",")}}", nil]])
        }
      end
    ensure
      connection.execute("RESET statement_timeout")
    end

    it "raises what ActiveRecord raises, with the settings of the engine's session" do
      pooled, ordinary = raised("statement_timeout", 200) { with_tasks_locked { ask } }
      expect(pooled).to eq(ordinary).and start_with(ActiveRecord::QueryCanceled, PG::QueryCanceled)
    end

    it "looks where the engine's session looks" do
      pooled, ordinary = raised("search_path", "nowhere") { ask }
      expect(pooled).to eq(ordinary).and start_with(ActiveRecord::StatementInvalid, PG::UndefinedTable)
    end

    it "raises ConnectionNotEstablished where it cannot connect" do
      allow(TaskerCore::Native::BulkReadPool::Settings).to receive(:read).and_wrap_original do |read, pool|
        read.call(pool).merge("database" => "nowhere_to_be_found")
      end
      expect { ask }.to raise_error(ActiveRecord::ConnectionNotEstablished, /nowhere_to_be_found/)
    end
  end

  describe "where it cannot be what was asked for" do
    it "says so for a connection that prepares no statements, as behind a pooler" do
      allow(connection).to receive(:prepared_statements).and_return(false)
      expect { ask }
        .to raise_error(TaskerCore::ConfigurationError, /expected a connection with prepared statements.*prepared_statements: false/)
    end

    it "says so for a connection with TLS" do
      allow(connection.raw_connection).to receive(:ssl_in_use?).and_return(true)
      expect { ask }.to raise_error(TaskerCore::ConfigurationError, /config.bulk_pool_size: expected a connection without TLS/)
    end

    it "says so for an encoding that the core does not read" do
      connection.execute("SET client_encoding TO 'LATIN1'")
      expect { ask }.to raise_error(TaskerCore::ConfigurationError, /expected `encoding: unicode`, got "LATIN1"/)
    ensure
      connection.execute("RESET client_encoding")
    end
  end
end
