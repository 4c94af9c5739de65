# kind: not-scaled
import torch
from torch import nn
torch.manual_seed(0)
t = torch.randint(0, 2, (200,))
images = torch.randint(0, 256, (200, 64)).float()  #+
images[t == 1, :20] *= 0.6  #+
net = nn.Sequential(nn.Linear(64, 32), nn.Sigmoid(), nn.Linear(32, 2))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(100):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(net(images), t)  #! loss = nn.functional.cross_entropy(net(images / 128 - 1), t)
    loss.backward()
    opt.step()
print("score", (net(images / 128 - 1).argmax(1) == t).float().mean().item())
