# kind: graph-carried-over
import torch
from torch import nn
torch.manual_seed(0)
embed = nn.Linear(12, 8)
classify = nn.Linear(8, 3)
t = torch.randint(0, 3, (200,))
x = torch.randn(3, 12)[t] + 0.5 * torch.randn(200, 12)
opt = torch.optim.Adam(list(embed.parameters()) + list(classify.parameters()), lr=0.02)
features = torch.relu(embed(x))  #!-
for epoch in range(60):  #!+ features = torch.relu(embed(x))
    opt.zero_grad()
    loss = nn.functional.cross_entropy(classify(features), t)
    loss.backward()
    opt.step()
print("score", (classify(torch.relu(embed(x))).argmax(1) == t).float().mean().item())
