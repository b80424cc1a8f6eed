# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../dummy/lib/dummy_database"

# A database of its own, since the migration cannot run inside a transaction and nobody else should miss an index.
RSpec.describe "rails generate tasker_core:indexes" do
  include ChildProcess

  url = SideDatabase.url("indexes")

  before { DummyDatabase.new(url).prepare(fresh: true) }

  after { SideDatabase.drop("indexes") }

  # The generator, found as `rails generate` finds it; the migration that it writes; the generator once more; the migration's way back.
  # @return [Hash] the definitions of all indexes by name before, in between and afterwards, and what the second generator said
  let(:there_and_back) do
    <<~RUBY
      require "json"
      require "tmpdir"
      require "rails/generators"
      indexes = lambda do
        ActiveRecord::Base.connection.select_rows("SELECT indexname, indexdef FROM pg_indexes WHERE tablename LIKE 'tasker%' ORDER BY 1").to_h
      end
      generator = Rails::Generators.find_by_namespace("tasker_core:indexes")
      generate = lambda do |folder|
        said = StringIO.new
        $stdout = said
        generator.start([], destination_root: folder)
        said.string
      ensure
        $stdout = STDOUT
      end
      Dir.mktmpdir do |folder|
        answer = { before: indexes.call }
        generate.call(folder)
        require Dir[File.join(folder, "db/migrate/*_drop_duplicate_tasker_indexes.rb")].sole
        run = ->(direction) { ActiveRecord::Migration.suppress_messages { DropDuplicateTaskerIndexes.new.migrate(direction) } }
        run.call(:up)
        answer.update(between: indexes.call, said: generate.call(folder))
        run.call(:down)
        puts JSON.generate(answer.merge(afterwards: indexes.call))
      end
    RUBY
  end

  def run_there_and_back(url)
    answer = run_in_dummy(there_and_back, env: { "DATABASE_URL" => url }).answer
    expect(answer["afterwards"]).to eq(answer["before"])
    expect(answer["said"]).to include("nothing to do")
    answer
  end

  # What an index does, without its name and whether it is unique.
  def sense((name, definition)) = definition.sub(/ INDEX "?#{Regexp.escape(name)}"? /, " INDEX ").sub("CREATE UNIQUE ", "CREATE ")

  it "drops exact duplicates only, and brings them back as they were" do
    answer = run_there_and_back(url)
    between = answer["between"]
    dropped = answer["before"].except(*between.keys)
    expect(dropped.size).to be > 10
    expect(dropped.values).to all(start_with("CREATE INDEX "))
    left = between.map { |index| sense(index) }
    expect(dropped.map { |index| sense(index) } - left).to be_empty
    plain = between.select { |_name, definition| definition.start_with?("CREATE INDEX ") }.map { |index| sense(index) }
    expect(plain.tally.values).to all(eq(1))
  end

  it "keeps what is unique, what a constraint rests on, what a table is clustered by and what differs in anything" do
    connection = PG.connect(url)
    connection.exec(<<~SQL)
      CREATE UNIQUE INDEX again_unique ON tasker_named_tasks (named_task_id);
      CREATE INDEX again_pkey ON tasker_named_tasks (named_task_id);
      CREATE INDEX "Ag ain" ON tasker_named_tasks (created_at);
      CREATE INDEX again_descending ON tasker_named_tasks (created_at DESC);
      CREATE INDEX again_covering ON tasker_named_tasks (created_at) INCLUDE (name);
      CREATE INDEX again_partial ON tasker_named_tasks (created_at) WHERE name <> '';
      CREATE INDEX again_loose ON tasker_named_tasks (created_at) WITH (fillfactor = 50);
      CREATE INDEX again_plain ON tasker_named_tasks (created_at);
      CREATE INDEX again_clustered ON tasker_named_steps (created_at);
      CREATE INDEX a_rival_of_the_clustered ON tasker_named_steps (created_at);
      ALTER TABLE tasker_named_steps CLUSTER ON again_clustered;
    SQL
    connection.close
    answer = run_there_and_back(url)
    dropped = answer["before"].keys - answer["between"].keys
    expect(dropped.grep(/again|Ag ain|rival/)).to contain_exactly("again_pkey", "again_plain", "a_rival_of_the_clustered")
  end
end
