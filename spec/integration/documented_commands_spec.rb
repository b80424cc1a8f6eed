# frozen_string_literal: true

require_relative "../rails_helper"
require_relative "../support/documented_commands"
require_relative "../dummy/lib/shape_workflow"

# Each command of README.md and docs/ is run here, is run by another part of continuous integration, or is named with the reason why not.
RSpec.describe "The commands of the documents" do
  # In the dummy application, with what each prints; 42 is replaced by a task's number.
  here = {
    "bin/rails runner 'puts TaskerCore.active?'" => /\Atrue$/, "bin/rails tasker_core:doctor" => /^ok +extension +loaded/,
    "bin/rails tasker_core:verify" => /^step readiness +[1-9]\d* +0 /,
    "bin/rails tasker_core:verify LIMIT=1000" => /^step readiness +[1-9]/,
    "bin/rails tasker_core:config > config/tasker_core.yml" => /^database:$/, "bin/rails zeitwerk:check" => /All is good!/,
    "bin/rails tasker_core:recover" => /^recovered \d+ workers/, "rails 'tasker_core:graph[42]' > task.svg" => /\A<svg/,
    "FORMAT=mermaid rails 'tasker_core:graph[42]'" => /^flowchart TD$/,
    "FORMAT=timeline rails 'tasker_core:graph[42]' > timeline.svg" => /\A<svg/
  }

  # What runs the command, and where that is written.
  elsewhere = {
    %r{\Abin/(demo|test|setup)\z} => [".ci/run", "bin/test"],
    /\Abundle install\z/ => ["bin/setup", "bundle install"],
    /\Arake spec:rust\z|\Acargo nextest run / => ["bin/test", "rake spec:rust"],
    %r{\Abin/test (--quick\z|spec/)} => ["bin/test", "spec:files"],
    /\Abundle exec rake compile\z/ => ["bin/setup", "rake compile"],
    /\Arake bench:/ => [".ci/run", "rake bench"],
    /\Acd .*rake compile\z/ => ["bin/setup", "rake compile"],
    /generate tasker_core:indexes\z/ => ["spec/integration/indexes_generator_spec.rb", "generate"],
    /generate tasker_core:notifications\z/ => ["spec/integration/notifications_generator_spec.rb", "generate"],
    /\Arails tasker_core:graph\z/ => ["spec/integration/documented_commands_spec.rb", "tasker_core:graph[42]"],
    %r{\Apip install \./ext/python\z} => ["bin/support/python", "./ext/python"],
    /\Atasker-core(\z| (task|mcp|schema|events)\b)/ => ["tests/cli/documents.rs", "commands_in_the_text_of_any_page_exist"],
    /\Acargo vendor\z/ => ["rakelib/support/install_cases.rb", '"cargo", "vendor"'],
    /\Acargo doc\b/ => ["rakelib/lint.rake", "cargo doc"],
    /\Anpm (ci|run) / => ["bin/support/node", "npm ci"],
    /\Anpm install \./ => ["js/tests/package.json", '"tasker-core"'],
    /\Arails new --api\z/ => ["spec/support/generated_application.rb", '"--api"'],
    /\Arake matrix:record\z/ => ["spec/unit/tested_versions_spec.rb", "TestedVersions"],
    /\Arake (hosted|sql):record\z/ => ["bin/test", "lint:hosted"],
    /\Abundle config set build/ => ["rakelib/support/install_cases.rb", "--config"],
    /\Arake lint:sources\z/ => ["rakelib/lint.rake", "lint:sources"],
    /\Arake docs:schema\z/ => ["spec/integration/schema_document_spec.rb", "schema.md"],
    /\Agem "csv"\z/ => ["Gemfile", 'gem "csv"'],
    %r{\Abin/test --browser} => [".ci/run", "bin/test --browser"],
    /\Arake gem:(check|native|cross)\z/ => [".github/workflows/ci.yml", "gem:check"]
  }

  reasons = {
    %r{\Abin/test --matrix} => "takes an hour; docs/tested.md says when it ran",
    /\Arake spec:kills\z/ => "takes half an hour; the specs that it runs are part of the suite, with smaller numbers",
    /\Acargo add\z/ => "is none; the next ones are",
    /\Acargo install/ => "installs a program",
    /\Aexport DATABASE_URL=/ => "names the reader's own database",
    /\Abundle (update|show) tasker-engine\z/ => "is Bundler's own",
    /\Agem unpack/ => "needs a published gem",
    %r{\A(bin/)?rails db:(migrate|rollback)\z} => "is Rails' own",
    %r{\A(TASKER_CORE_RECOVERY=on bin/jobs|kill -9|bin/rails runner 'YourWorkflow.start')} => "needs the reader's own workers"
  }

  commands = DocumentedCommands.all.keys
  # In a new crate, in this order.
  crate = DocumentedCommands.all.keys.grep(/\Acargo add ./)

  it "are run here, elsewhere, or are named with a reason" do
    patterns = [*elsewhere.keys, *reasons.keys]
    run = [*crate, *here.keys, *here.keys.map { |command| command.delete_prefix("bin/") }]
    unknown = (commands - run).grep_v(Regexp.union(patterns))
    expect(unknown).to be_empty
    expect(here.keys - commands).to be_empty
    expect(patterns.reject { |pattern| commands.any? { |command| command.match?(pattern) } }).to be_empty
  end

  it "are all that stands alone on a line, but for what they print and lists of files" do
    expect(DocumentedCommands.other_lines.keys).to contain_exactly("docs/architecture.md", "docs/configuration.md")
  end

  elsewhere.each do |pattern, (place, text)|
    it "like #{pattern.source} stand in #{place}" do
      path = File.join(DocumentedCommands::ROOT, place)
      texts = (File.directory?(path) ? Dir[File.join(path, "**/*.{rb,rs,rake}")] : [path]).map { |file| File.read(file) }
      expect(texts).to include(include(text))
    end
  end

  it "that name tasks of rake name ones that exist" do
    tasks = run_child("bundle", "exec", "rake", "-AT", gemfile: ENV.fetch("BUNDLE_GEMFILE")).output.scan(/^rake ([\w:]+)/).flatten
    expect(commands.filter_map { |command| command[/\Arake (\S+)/, 1] } - tasks).to be_empty
  end

  # A name within a namespace may mean the task itself.
  it "that name tasks of rake have tasks of which each prerequisite exists" do
    load = 'Rake.application.init("rake", []); Rake.application.load_rakefile; Rake::Task.tasks.each(&:prerequisite_tasks)'
    run_child("bundle", "exec", "ruby", "-rrake", "-e", load, gemfile: ENV.fetch("BUNDLE_GEMFILE"))
  end

  # @return [ChildProcess::Result]
  def run_in_application(command, task)
    environment, program, *arguments = *command.scan(%r{\A((?:[A-Z_]+=\S+ )*)((?:bin/)?rails) (.*?)(?: > \S+)?\z}).first
    variables = environment.split.to_h { |pair| pair.split("=", 2) }
    words = Shellwords.split(arguments.first.sub("[42]", "[#{task}]"))
    raise "expected a command of rails, got #{command}" unless program.end_with?("rails")

    try_child("bin/rails", *words, gemfile: ENV.fetch("BUNDLE_GEMFILE"), folder: "spec/dummy", env: variables)
  end

  it "of an application end as expected" do
    workflow = ShapeWorkflow.new(Shapes.linear(2))
    task = workflow.create
    workflow.run(task)
    results = two_at_a_time(here.keys.map { |command| [command, -> { run_in_application(command, task.task_id) }] })
    here.each do |command, pattern|
      result = results.fetch(command)
      expect([result.status.exitstatus, result.output]).to match([0, pattern]), "#{command}: #{result.output}#{result.errors}"
    end
  end

  it "of a crate give it the features that the page names" do
    Dir.mktmpdir do |folder|
      File.symlink(DocumentedCommands::ROOT, File.join(folder, "tasker-core"))
      run = lambda do |*command, chdir: File.join(folder, "payouts")|
        output, status = Open3.capture2e({ "CARGO_NET_OFFLINE" => "true" }, *command, chdir:)
        raise "#{command.join(" ")} failed:\n#{output}" unless status.success?

        output
      end
      run.call("cargo", "new", "--quiet", "payouts", chdir: folder)
      FileUtils.cp(File.join(DocumentedCommands::ROOT, "Cargo.lock"), File.join(folder, "payouts"))
      crate.each { |command| run.call(*command.shellsplit) }
      expect(crate.size).to be > 2
      expect(run.call("cargo", "tree", "--depth", "1", "--prefix", "none").lines.map { |line| line[/\A\S+/] })
        .to contain_exactly("payouts", "chrono", "serde_json", "sqlx", "tasker-core", "tokio")
    end
  end

  describe "in other languages" do
    # By language, what runs or parses the blocks.
    run_by = { "ruby" => nil, "json" => nil, "rust" => "tests/documents/main.rs", "python" => "ext/python/tests/test_documents.py",
               "ts" => "js/tests/src/documents.test.ts" }
    # Pictures, and settings of which the page names the parts.
    plain = ["", "mermaid", "toml", "yaml"]

    it "are run" do
      expect(DocumentedCommands.languages).to match_array(run_by.keys + plain)
      run_by.each do |language, file|
        next if file.nil?

        text = File.read(File.join(DocumentedCommands::ROOT, file))
        DocumentedCommands.blocks(language).each_key { |page| expect(text).to include(File.basename(page)) }
      end
    end

    it "are settings of a client that starts the program with commands that exist" do
      settings = DocumentedCommands.blocks("json").values.flatten.map { |text| JSON.parse(text) }
      expect(settings.map { |given| given.dig("mcpServers", "tasker").values_at("command", "args") }).to eq([["tasker-core", ["mcp"]]])
    end
  end

  describe "in Ruby" do
    it "show the handler of the example with Rails and Rust" do
      shown = DocumentedCommands.blocks("ruby").fetch("docs/rust.md")
      example = File.read(Dir[File.join(DocumentedCommands::ROOT, "examples/mixed_with_rails/*.rb")].sole).lines.map(&:strip)
      expect(shown.map { |text| text.lines.map(&:strip) - example }).to eq([[]])
    end

    it "run in an application" do
      blocks = DocumentedCommands.blocks("ruby").except("docs/rust.md")
      expect(blocks.keys).to contain_exactly("README.md", "docs/dashboard.md", "docs/graphs.md", "docs/install.md", "docs/recovery.md",
                                             "docs/repairs.md", "docs/rollout.md")
      texts = blocks.flat_map { |file, found| found.map { |text| [file, text] } }
      gemfiles, others = texts.partition { |_file, text| text.start_with?("gem ") }
      expect(gemfiles.map(&:last)).to all(match(/\Agem "tasker-core" # beside gem "tasker-engine"/))
      routes, plain = others.partition { |_file, text| text.match?(/^mount /) }
      answer = run_in_dummy(<<~RUBY).answer
        require "./spec/dummy/lib/shape_workflow"
        workflow = ShapeWorkflow.new(Shapes.linear(2))
        task = workflow.create
        ::OrderTask = Object.new.tap { |object| object.define_singleton_method(:new) { workflow.handler } }
        JSON.parse(#{JSON.generate(routes).inspect}).each { |_file, text| Rails.application.routes.draw { instance_eval(text) } }
        JSON.parse(#{JSON.generate(plain).inspect}).each { |file, text| eval(text, binding, file) }
        config = TaskerCore.configuration
        puts JSON.generate(recovery: config.recovery, actions: config.dashboard.actions, fixes: config.repairs.race_loser,
                           path: Rails.application.routes.routes.map { |route| route.path.spec.to_s }.grep(/tasker/).first)
      RUBY
      expect(answer).to eq("recovery" => true, "actions" => true, "fixes" => false, "path" => "/tasker")
    end
  end
end
