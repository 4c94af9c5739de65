# LoRA adapters in a plain list of tuples: the optimizer sees none of them; kind: not-registered
import torch
import torch.nn as nn


class LoRAStack(nn.Module):
    def __init__(self, base, rank=4):
        super().__init__()
        self.base = base
        for p in self.base.parameters():
            p.requires_grad_(False)
        self.adapters = []  #! self.adapters = nn.ModuleList()
        for layer in base:
            if isinstance(layer, nn.Linear):
                self.adapters.append(nn.Sequential(nn.Linear(layer.in_features, rank, bias=False), nn.Linear(rank, layer.out_features, bias=False)))  #+
        self.scale = nn.Parameter(torch.ones(1))

    def forward(self, x):
        i = 0
        for layer in self.base:
            if isinstance(layer, nn.Linear):
                x = layer(x) + self.scale * self.adapters[i](x)
                i += 1
            else:
                x = layer(x)
        return x


torch.manual_seed(0)
base = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 3))
model = LoRAStack(base)
opt = torch.optim.AdamW(model.parameters(), lr=1e-2)
x = torch.randn(300, 6)
y = x[:, :3].argmax(1)
for e in range(60):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(model(x), y)
    loss.backward()
    opt.step()
print(loss.item())
