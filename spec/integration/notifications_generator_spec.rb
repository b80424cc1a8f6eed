# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/rust_program"
require_relative "../dummy/lib/dummy_database"

# A database of its own, since the triggers are committed.
RSpec.describe "rails generate tasker_core:notifications" do
  include ChildProcess

  url = SideDatabase.url("notifications")

  before(:context) { RustProgram.build }

  before { DummyDatabase.new(url).prepare(fresh: true) }

  after { SideDatabase.drop("notifications") }

  # The generator, found as `rails generate` finds it, and the migration that it writes, in one direction.
  def migrate(url, direction, schema_format: :sql)
    run_in_dummy(<<~RUBY, env: { "DATABASE_URL" => url }).answer
      require "json"
      require "tmpdir"
      require "rails/generators"
      ActiveRecord.schema_format = #{schema_format.inspect}
      Dir.mktmpdir do |folder|
        said = StringIO.new
        $stdout = said
        Rails::Generators.find_by_namespace("tasker_core:notifications").start([], destination_root: folder)
        $stdout = STDOUT
        require Dir[File.join(folder, "db/migrate/*_notify_of_tasker_transitions.rb")].sole
        ActiveRecord::Migration.suppress_messages { NotifyOfTaskerTransitions.new.migrate(#{direction.inspect}) }
        puts JSON.generate(said.string)
      end
    RUBY
  end

  def connected(url)
    connection = PG.connect(url)
    yield connection
  ensure
    connection&.close
  end

  # The triggers of all tables, and the functions that are not the engine's.
  def installed(url)
    connected(url) do |connection|
      triggers = connection.exec("select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal order by 1").column_values(0)
      functions = connection.exec(<<~SQL).column_values(0)
        select pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace and proname like 'tasker_core%'
      SQL
      # Indentation in the function's text means nothing.
      (triggers + functions).map(&:squish)
    end
  end

  def notified?(url, statement)
    connected(url) do |listener|
      listener.exec("listen tasker_core_transitions")
      connected(url) { |writer| writer.exec(statement) }
      !listener.wait_for_notify(5).nil?
    end
  end

  it "writes a migration that installs what `tasker-core schema notify` installs, and removes it again" do
    before = installed(url)
    expect(migrate(url, :up, schema_format: :ruby)).to include("db/schema.rb has no triggers")
    by_migration = installed(url)
    expect(by_migration.size).to eq(before.size + 3)
    RustProgram.run("schema", "notify", "--remove", url:)
    expect(installed(url)).to eq(before)
    RustProgram.run("schema", "notify", url:)
    expect(installed(url)).to eq(by_migration)

    # Both ways of installing may follow each other.
    expect(migrate(url, :up)).not_to include("schema.rb")
    migrate(url, :down)
    expect(installed(url)).to eq(before)
  end

  it "has PostgreSQL notify of a commit that records transitions" do
    migrate(url, :up)
    task = connected(url) do |connection|
      connection.exec(<<~SQL).getvalue(0, 0)
        with namespace as (insert into tasker_task_namespaces (name, created_at, updated_at) values ('n', now(), now()) returning *),
          kind as (insert into tasker_named_tasks (name, version, task_namespace_id, created_at, updated_at)
                     select 'k', '1.0.0', task_namespace_id, now(), now() from namespace returning *)
        insert into tasker_tasks (named_task_id, requested_at, identity_hash, created_at, updated_at)
          select named_task_id, now(), 'h', now(), now() from kind returning task_id
      SQL
    end
    expect(notified?(url, <<~SQL)).to be(true)
      insert into tasker_task_transitions (to_state, sort_key, most_recent, task_id, created_at, updated_at)
        values ('pending', 10, true, #{task}, now(), now())
    SQL
  end
end
