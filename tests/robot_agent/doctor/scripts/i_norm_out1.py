# norm-on-output
import torch
from torch import nn
torch.manual_seed(0)
X = torch.randn(400, 6); y = (X[:, 0] > X[:, 1]).float()
net = nn.Sequential(
    nn.Linear(6, 32),
    nn.ReLU(),
    nn.Linear(32, 1),
    nn.LayerNorm(1), #!-
)
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for epoch in range(100):
    loss = nn.functional.binary_cross_entropy_with_logits(net(X).squeeze(-1), y)
    opt.zero_grad(); loss.backward(); opt.step()
print(loss.item())
