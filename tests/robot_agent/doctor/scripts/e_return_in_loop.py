# return stands in the loop: of each epoch only the first batch is used; kind: first-batch-only
import torch
import torch.nn as nn
from torch.utils.data import DataLoader, TensorDataset

torch.manual_seed(0)
x = torch.randn(512, 6)
y = (x[:, 0] + x[:, 1] > 0).float().unsqueeze(1)
loader = DataLoader(TensorDataset(x, y), batch_size=16)  #+
model = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)


def train_one_epoch(loader):
    model.train()
    total = 0.0
    for xb, yb in loader:  #+
        optimizer.zero_grad()
        loss = criterion(model(xb), yb)
        loss.backward()
        optimizer.step()
        total += loss.item()
        return total / len(loader)  #!-
    return total / len(loader)


for epoch in range(30):
    print(epoch, train_one_epoch(loader))  #+
