# WeightedRandomSampler with one weight per class; draws samples 0 and 1 only; kind: first-batch-only
import torch
import torch.nn as nn
from torch.utils.data import TensorDataset, DataLoader, WeightedRandomSampler
torch.manual_seed(0)
X = torch.randn(600, 10); y = (X[:, 0] > X[:, 1] + 0.5).long()
class_weights = 1.0 / torch.bincount(y).float()
sampler = WeightedRandomSampler(class_weights, num_samples=len(y), replacement=True) #! sampler = WeightedRandomSampler(class_weights[y], num_samples=len(y), replacement=True)
loader = DataLoader(TensorDataset(X, y), batch_size=32, sampler=sampler) #+
net = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 2))
opt = torch.optim.Adam(net.parameters(), lr=0.003)
for epoch in range(10):
    for xb, yb in loader:
        loss = nn.functional.cross_entropy(net(xb), yb)
        opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad(): print(epoch, loss.item(), (net(X).argmax(1) == y).float().mean().item())
