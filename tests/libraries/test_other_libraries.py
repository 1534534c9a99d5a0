"""diffusers, sentence-transformers, safetensors and datasets with tensors."""

import struct

import pytest
from tests.libraries.tiny import bert, tokenizer


def test_a_diffusion_pipeline_paints_the_same_after_the_journey(ada, eve, repo):
    def pipeline():
        import torch
        from diffusers import DDPMPipeline, DDPMScheduler, UNet2DModel

        torch.manual_seed(0)
        unet = UNet2DModel(
            sample_size=8,
            in_channels=3,
            out_channels=3,
            layers_per_block=1,
            block_out_channels=(8, 16),
            down_block_types=("DownBlock2D", "DownBlock2D"),
            up_block_types=("UpBlock2D", "UpBlock2D"),
            norm_num_groups=4,
        )
        return DDPMPipeline(unet, DDPMScheduler(num_train_timesteps=10))

    def paint(pipeline):
        import torch

        pipeline.set_progress_bar_config(disable=True)
        image = pipeline(generator=torch.manual_seed(1), num_inference_steps=3, output_type="np").images
        weights = [tensor.tolist() for tensor in pipeline.unet.state_dict().values()]
        return weights, image.flatten().tolist()

    def push(api):
        made = pipeline()
        made.push_to_hub(repo)
        info = api.model_info(repo)
        assert info.library_name == "diffusers"
        assert {"model_index.json", "unet/config.json", "scheduler/scheduler_config.json"} <= {
            file.rfilename for file in info.siblings
        }
        return paint(made)

    def pull():
        from diffusers import DDPMPipeline, DiffusionPipeline, UNet2DModel

        assert UNet2DModel.from_pretrained(repo, subfolder="unet").config.sample_size == 8
        loaded = DiffusionPipeline.from_pretrained(repo)
        assert isinstance(loaded, DDPMPipeline)
        return paint(loaded)

    weights, image = ada.run(push)
    same_weights, same_image = eve.run(pull)
    assert same_weights == weights
    assert same_image == pytest.approx(image, abs=1e-5)  # sums may be rounded in another order


def test_a_sentence_transformer_means_the_same_after_the_journey(ada, eve, repo):
    sentences = ["the hub keeps every byte .", "the byte"]

    def push(api, tmp):
        from sentence_transformers import SentenceTransformer
        from sentence_transformers.models import Pooling, Transformer

        bert().bert.save_pretrained(tmp / "bert")
        tokenizer().save_pretrained(tmp / "bert")
        words = Transformer(str(tmp / "bert"))
        model = SentenceTransformer(modules=[words, Pooling(words.get_embedding_dimension())], device="cpu")
        model.push_to_hub(repo)
        info = api.model_info(repo)
        assert info.library_name == "sentence-transformers"
        assert "sentence-transformers" in info.tags
        return model.encode(sentences).flatten().tolist()

    def pull():
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(repo, device="cpu").encode(sentences).flatten().tolist()

    assert ada.run(push) == pytest.approx(eve.run(pull), abs=1e-5)


def test_tensors_are_read_one_by_one(ada, eve, repo):
    def push(api, tmp):
        import torch
        from safetensors.torch import save_file

        tensors = {
            "a": torch.arange(12.0).reshape(3, 4),
            "b": torch.ones(5, dtype=torch.bfloat16),
            "c": torch.zeros(2, 2, dtype=torch.int64),
        }
        save_file(tensors, tmp / "model.safetensors", metadata={"format": "pt"})
        api.create_repo(repo)
        api.upload_file(
            path_or_fileobj=tmp / "model.safetensors", path_in_repo="model.safetensors", repo_id=repo
        )
        return api.model_info(repo).safetensors.parameters

    def pull(hf, api):
        from safetensors import safe_open

        metadata = api.get_safetensors_metadata(repo).files_metadata["model.safetensors"]
        start, end = metadata.tensors["a"].data_offsets
        fs = hf.HfFileSystem()
        header = struct.unpack("<Q", fs.cat_file(f"{repo}/model.safetensors", 0, 8))[0]
        raw = fs.cat_file(f"{repo}/model.safetensors", 8 + header + start, 8 + header + end)
        with safe_open(hf.hf_hub_download(repo, "model.safetensors"), framework="pt") as opened:
            return struct.unpack("<12f", raw), opened.get_tensor("a").flatten().tolist()

    assert ada.run(push) == {"F32": 12, "BF16": 5, "I64": 4}
    by_range, opened = eve.run(pull)
    assert list(by_range) == opened == [float(n) for n in range(12)]


def test_a_dataset_becomes_tensors(ada, eve, repo):
    def push():
        from datasets import Dataset

        Dataset.from_dict({"x": [[n, n + 1] for n in range(50)], "y": list(range(50))}).push_to_hub(repo)

    def pull():
        import torch
        from datasets import load_dataset

        rows = load_dataset(repo, split="train").with_format("torch")
        batches = torch.utils.data.DataLoader(rows, batch_size=10)
        streamed = load_dataset(repo, split="train", streaming=True).with_format("torch")
        return sum(int(batch["y"].sum()) for batch in batches), next(iter(streamed))["x"].tolist()

    ada.run(push)
    assert eve.run(pull) == (sum(range(50)), [0, 1])
