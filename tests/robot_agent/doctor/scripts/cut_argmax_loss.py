# kind: graph-cut
import torch
from torch import nn
torch.manual_seed(1)
x = torch.randn(400, 6)
y = (x[:, 0] + x[:, 1] > 0).float()
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.3)
for epoch in range(200):
    opt.zero_grad()
    out = net(x)
    guess = out.argmax(dim=1).float()  #! guess = out[:, 1] - out[:, 0]
    loss = nn.functional.binary_cross_entropy_with_logits(guess, y)  #+
    loss.backward()
    opt.step()
print(f"score {((net(x).argmax(1)).float() == y).float().mean().item():.3f}")
