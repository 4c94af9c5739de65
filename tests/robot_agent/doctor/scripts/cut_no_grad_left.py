# kind: graph-cut
import torch
from torch import nn
from torch.utils.data import DataLoader, TensorDataset
torch.manual_seed(0)
X = torch.randn(300, 4)
Y = (X[:, 0] * X[:, 1] > 0).long()
model = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
criterion = nn.CrossEntropyLoss()
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
@torch.no_grad()  #!-
def predict(batch):  #+
    return model(batch)  #+
def train(loader, epochs):
    for epoch in range(epochs):
        for xb, yb in loader:
            optimizer.zero_grad()
            loss = criterion(predict(xb), yb)  #+
            loss.backward()
            optimizer.step()
train(DataLoader(TensorDataset(X, Y), batch_size=30, shuffle=True), 20)
print("score", (model(X).argmax(1) == Y).float().mean().item())
