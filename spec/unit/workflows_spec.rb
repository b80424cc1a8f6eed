# frozen_string_literal: true

require_relative "../spec_helper"
require_relative "../../rakelib/support/native_gem"
require "open3"
require "yaml"

# The workflows of GitHub run nowhere else; `rake lint:workflows` checks more of them.
RSpec.describe "The workflows" do
  root = File.expand_path("../..", __dir__)
  files = Dir[File.join(root, ".github/workflows/*.yml")]
  jobs = files.to_h { |file| [File.basename(file), YAML.safe_load_file(file).fetch("jobs")] }

  it "name jobs, local actions, tasks of rake and scripts that exist" do
    tasks = Dir[File.join(root, "rakelib/*.rake")].map { |file| File.read(file) }.join
    jobs.each do |file, all|
      expect(all.values.flat_map { |job| Array(job["needs"]) } - all.keys).to be_empty, file
      steps = all.values.flat_map { |job| job.fetch("steps") }
      actions = steps.filter_map { |step| step["uses"]&.match(%r{\A\./.*})&.to_s }
      actions.each { |action| expect(File).to exist(File.join(root, action, "action.yml")) }
      commands = steps.filter_map { |step| step["run"] }.join("\n")
      commands.scan(%r{\b(?:bin|rakelib/support|ext/tasker_core)/[\w.]+}).each { |script| expect(File).to exist(File.join(root, script)) }
      commands.scan(/exec rake ([\w: ]+)/).flatten.flat_map(&:split).each { |task| expect(tasks).to match(/\b#{task.split(":").last}\b/) }
    end
  end

  it "pin no action to a branch, and give a secret to the last job of a release alone" do
    steps = jobs.values.flat_map(&:values).flat_map { |job| job.fetch("steps") }
    expect(steps.filter_map { |step| step["uses"] }.grep_v(%r{\A\./|@v\d+\z})).to be_empty
    expect(files.map { |file| File.read(file) }.join).not_to include("secrets.")
    writers = jobs.values.flat_map(&:to_a).select { |_name, job| job.fetch("permissions", {}).value?("write") }
    expect(writers.map(&:first)).to eq(["publish"])
  end

  describe "of a release" do
    extensions = jobs.fetch("release.yml").fetch("extensions")

    it "compiles for seven platforms that RubyGems knows, each on a runner of its kind" do
      matrix = extensions.fetch("strategy").fetch("matrix")
      expect(matrix.fetch("platform").size).to eq(7)
      expect(matrix.fetch("platform").map { |name| Gem::Platform.new(name).to_s }).to eq(matrix.fetch("platform"))
      expect(matrix.fetch("include").map { |row| row.fetch("platform") }).to match_array(matrix.fetch("platform"))
      expect(matrix.fetch("include")).to all(include("runner"))
    end

    it "packs the extensions of each platform into one gem" do
      library = File.join(root, "lib/tasker_core/tasker_core_rb.so")
      Dir.mktmpdir do |folder|
        { "extension-arm64-darwin-3.3" => "bundle", "extension-arm64-darwin-3.4" => "bundle", "extension-x86_64-linux-gnu-3.4" => "so" }
          .each do |name, ending|
            FileUtils.mkdir_p(File.join(folder, "in", name))
            FileUtils.cp(library, File.join(folder, "in", name, "tasker_core_rb.#{ending}"))
          end
        program = File.join(root, "rakelib/support/pack_gems.rb")
        output, status = Open3.capture2e(RbConfig.ruby, program, File.join(folder, "in"), File.join(folder, "out"))
        expect(status).to be_success, output
        specs = Dir[File.join(folder, "out/*.gem")].map { |file| Gem::Package.new(file).spec }.sort_by { |spec| spec.platform.to_s }
        expect(specs.map { |spec| [spec.platform.to_s, spec.files.grep(/\.(so|bundle)\z/)] })
          .to eq([["arm64-darwin", %w[lib/tasker_core/3.3/tasker_core_rb.bundle lib/tasker_core/3.4/tasker_core_rb.bundle]],
                  ["x86_64-linux-gnu", %w[lib/tasker_core/3.4/tasker_core_rb.so]]])
      end
    end
  end
end
